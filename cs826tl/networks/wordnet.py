"""ImageNet in WordNet's tree of nouns: search it, go up to the root, come down to classes [C10]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from csv import QUOTE_NONE, DictReader
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, repr=False)
class Synset:
    """A noun of WordNet: words that mean the same, what they mean, and what that is a kind of.

    `label` is the class's index among a network's 1000 outputs; None for a noun above the classes.
    `parents` are the ids of the synsets that it is a kind of, in WordNet's order.
    """

    id: str
    label: int | None
    parents: tuple[str, ...]
    words: tuple[str, ...]
    definition: str

    @property
    def name(self) -> str:
        """The first of its words."""
        return self.words[0]

    def __repr__(self) -> str:
        label = "" if self.label is None else f" [class {self.label}]"
        return f"{', '.join(self.words)}{label}: {self.definition}"


@cache
def synsets() -> dict[str, Synset]:
    """Return the 1000 classes and all nouns above them in WordNet 3.0, by id.

    Source: Fellbaum 1998, WordNet, doi:10.7551/mitpress/7287.001.0001, cut down to what ImageNet's
    classes are (`tools/wordnet_tree.py`).

    >>> synsets()["n02123045"]
    tabby, tabby cat [class 281]: a cat with a grey or tawny coat mottled with black
    """
    text = (files("cs826tl.networks") / "imagenet_tree.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = DictReader(lines, delimiter="\t", quoting=QUOTE_NONE)
    return {
        row["id"]: Synset(
            id=row["id"],
            label=int(row["class"]) if row["class"] else None,
            parents=tuple(row["parents"].split()),
            words=tuple(row["words"].split(", ")),
            definition=row["definition"],
        )
        for row in rows
    }


@cache
def classes() -> tuple[Synset, ...]:
    """Return the 1000 classes in the order of a network's outputs.

    >>> classes()[281].name
    'tabby'
    """
    found = [s for s in synsets().values() if s.label is not None]
    return tuple(sorted(found, key=lambda s: s.label or 0))


__all__ = [
    "Synset",
    "children",
    "classes",
    "classes_under",
    "common_tree",
    "path_to_root",
    "search",
    "synsets",
]

_FAR = 4


def search(word: str) -> tuple[Synset, ...]:
    """Return the classes and kinds with this word, or a word that begins with it, closest first.

    Raises `ValueError` with similar words if there is none.

    >>> [synset.name for synset in search("tabby")]
    ['tabby']
    >>> search("tigger")
    Traceback (most recent call last):
    ValueError: ImageNet has no class and no kind 'tigger'; did you mean 'tiger', 'timer'?
    """
    wanted = " ".join(word.lower().split())
    ranked = [(_closeness(wanted, s), s.name.lower(), s.id) for s in synsets().values()]
    found = sorted(row for row in ranked if wanted and row[0] < _FAR)
    if found:
        return tuple(synsets()[identity] for *_, identity in found)
    every = sorted({w.lower() for s in synsets().values() for w in s.words})
    near = get_close_matches(wanted, every, n=2, cutoff=0.7)
    guess = f"did you mean {', '.join(map(repr, near))}?" if near else "try a more general word"
    raise ValueError(f"ImageNet has no class and no kind {word!r}; {guess}")


def path_to_root(synset: Synset) -> tuple[Synset, ...]:
    """Return the synset, what it is a kind of, and so on up to *entity*.

    Pitfall: WordNet is not quite a tree. A dog is both a canine and a domestic animal; the path
    follows the first parent.

    >>> [s.name for s in path_to_root(classes()[281])][:4]
    ['tabby', 'domestic cat', 'cat', 'feline']
    """
    path = [synset]
    while path[-1].parents:
        path.append(synsets()[path[-1].parents[0]])
    return tuple(path)


def children(synset: Synset) -> tuple[Synset, ...]:
    """Return the kinds of it that lead to a class of ImageNet, in order of their names.

    >>> [s.name for s in children(search("domestic cat")[0])]
    ['Egyptian cat', 'Persian cat', 'Siamese cat', 'tabby', 'tiger cat']
    """
    return _children().get(synset.id, ())


def classes_under(synset: Synset) -> tuple[int, ...]:
    """Return the labels of all classes that are a kind of it, by any path, in order.

    >>> len(classes_under(search("dog")[0]))
    118
    """
    found: set[int] = set()
    waiting = [synset]
    while waiting:
        here = waiting.pop()
        if here.label is not None:
            found.add(here.label)
        waiting += children(here)
    return tuple(sorted(found))


def common_tree(labels: Iterable[int]) -> list[tuple[int, Synset]]:
    """Return the tree of these classes and of the nouns at which their paths part.

    Each row is `(depth, synset)`, as in an indented list.

    >>> [(depth, s.name) for depth, s in common_tree([281, 282, 251])]
    [(0, 'carnivore'), (1, 'domestic cat'), (2, 'tabby'), (2, 'tiger cat'), (1, 'dalmatian')]
    """
    paths = [path_to_root(classes()[label])[::-1] for label in dict.fromkeys(labels)]
    return _branches(paths, depth=0) if paths else []


def _closeness(wanted: str, synset: Synset) -> int:
    """Return 0 for its name, 1 for another of its words, 2 for a part of one, 3 for a prefix."""
    words = [word.lower() for word in synset.words]
    if wanted in words:
        return min(words.index(wanted), 1)
    if any(f" {wanted} " in f" {word} " for word in words):
        return 2
    return 3 if any(f" {wanted}" in f" {word}" for word in words) else _FAR


@cache
def _children() -> dict[str, tuple[Synset, ...]]:
    found: dict[str, list[Synset]] = {}
    for synset in sorted(synsets().values(), key=lambda s: s.name):
        for parent in synset.parents:
            found.setdefault(parent, []).append(synset)
    return {parent: tuple(kinds) for parent, kinds in found.items()}


def _branches(paths: Sequence[tuple[Synset, ...]], depth: int) -> list[tuple[int, Synset]]:
    """Return the rows of paths from one root: the last noun they share, then its branches."""
    if len(paths) == 1:
        return [(depth, paths[0][-1])]
    shared = next(k for k, steps in enumerate(zip(*paths, strict=False)) if len(set(steps)) > 1)
    rows = [(depth, paths[0][shared - 1])]
    steps = list(dict.fromkeys(path[shared] for path in paths))
    for step in steps:
        rows += _branches([path for path in paths if path[shared] == step], depth + 1)
    return rows
