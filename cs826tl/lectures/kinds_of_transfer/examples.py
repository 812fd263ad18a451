"""Cases from life to sort by kind of transfer."""

from __future__ import annotations

from dataclasses import dataclass

from cs826tl.lectures.kinds_of_transfer.kinds import Kind, kind_of_transfer


@dataclass(frozen=True)
class Example:
    """A case from life: a story, and for each of the two questions the answer and its reason."""

    name: str
    story: str
    target_labels: bool
    target_why: str
    source_labels: bool
    source_why: str

    @property
    def kind(self) -> Kind:
        """The kind of transfer that it is."""
        return kind_of_transfer(target_labels=self.target_labels, source_labels=self.source_labels)


EXAMPLES = (
    Example(
        "Lungs",
        "A network that was trained on ImageNet is to find pneumonia. A radiologist has marked 400 "
        "X-ray pictures for it.",
        True,
        "The radiologist's marks are the target's labels.",
        True,
        "Each of ImageNet's photographs comes with its class.",
    ),
    Example(
        "My inbox",
        "A spam filter has learnt from a public collection that people sorted. It moves into your "
        "inbox, where nothing is sorted.",
        False,
        "Nobody has told the filter which of your messages are spam.",
        True,
        "The public collection says which messages are spam.",
    ),
    Example(
        "Two shops",
        "A shop has found groups among its customers by what they buy; nobody named the groups "
        "beforehand. A second shop begins with these groups for customers of its own.",
        False,
        "The second shop knows what its customers buy, and no more.",
        False,
        "The groups came out of a clustering. They are no labels that somebody gave.",
    ),
    Example(
        "Blogs",
        "Experts' film reviews come with stars. You want the stars of blog posts, which have none.",
        False,
        "The blog posts have no stars: that is what you want to know.",
        True,
        "The experts' stars are the source's labels.",
    ),
    Example(
        "Support tickets",
        "Word vectors were learnt from the plain text of an encyclopaedia. You train a "
        "classifier on them, with 500 tickets that your team has sorted.",
        True,
        "Your team has sorted 500 tickets.",
        False,
        "Plain text has no labels. Pan and Yang call this case self-taught learning.",
    ),
    Example(
        "House prices",
        "A model of the house prices of one city is to serve in another. There, 200 sales are on "
        "record.",
        True,
        "The 200 prices on record are labels. In regression a label is a number.",
        True,
        "The first model learnt from houses with their prices.",
    ),
    Example(
        "Rents",
        "A model has learnt rents from a city's register. Of the next town you know size and "
        "plan of every flat, but not one rent.",
        False,
        "Sizes and plans are inputs. Of the rents, the labels, you have none.",
        True,
        "The register gives the rent of every flat in it.",
    ),
    Example(
        "Portraits",
        "Principal component analysis has found in a million nameless portraits how faces vary. It "
        "is to compress the photographs of a school, which carry no names either.",
        False,
        "To compress pictures, nobody needs to know who is on them.",
        False,
        "The portraits are nameless, and the components come from the pictures alone.",
    ),
    Example(
        "Intrusions",
        "A detector has learnt from network traffic in which the known attacks are marked. It is "
        "to guard another network, whose traffic nobody has looked through.",
        False,
        "Nobody has marked anything in the new network's traffic.",
        True,
        "The known attacks are marked: those are the source's labels.",
    ),
    Example(
        "Hospital notes",
        "A topic model has found the themes of a newspaper's archive on its own. It goes on with a "
        "hospital's notes, as they are.",
        False,
        "The notes come as they are, and nobody says what they are about.",
        False,
        "The topic model found the themes on its own.",
    ),
    Example(
        "Fields from above",
        "An autoencoder has seen a million satellite pictures and no map. You train a classifier "
        "on its codes; farmers have named the crop of 100 fields.",
        True,
        "The farmers' crops are the target's labels.",
        False,
        "An autoencoder has pictures to learn from, and no labels.",
    ),
    Example(
        "The video game",
        "A model has learnt to see the road in a video game, which knows what each pixel shows. It "
        "is to work on street photographs. You label fifty of those in the end, for the test only.",
        False,
        "The fifty labels are kept for the test. In training there are none.",
        True,
        "The game knows what each pixel shows, and tells.",
    ),
)
