"""ImageNet's 1000 classes as nouns of WordNet, each of which is a kind of another [C10]."""

from __future__ import annotations

from csv import QUOTE_NONE, DictReader
from dataclasses import dataclass
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
