"""reveal.js, which turns a page into slides: 2.3 MB, MIT licence."""

from cs826tl.assets.releases import NpmPackage

REVEAL = NpmPackage(
    "reveal.js",
    "4.0.2",  # the one that nbconvert's own decks ask the network for
    "0c234d5bfe539606c1af4bcc031f0d21ed99e264d90b7859abad34f7e3a0c587",
    ("package/LICENSE", "package/dist/*", "package/plugin/notes/*"),
)
