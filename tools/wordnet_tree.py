"""Derive `cs826tl/imagenet_tree.tsv` from WordNet 3.0: ImageNet's 1000 classes and what they are.

Usage: `python -m tools.wordnet_tree DATA_NOUN`, where DATA_NOUN is WordNet 3.0's file `data.noun`
(Debian: package `wordnet-base`, `/usr/share/wordnet/data.noun`; or wordnet.princeton.edu).

ImageNet names a class by where its synset begins in that very file: `n02123045` is the line at byte
2123045. timm knows which thousand they are and in which order networks put them out. Every row of
the table is a synset: its id, its class (empty for those above the classes), its hypernyms' ids in
WordNet's order, its words, its definition. WordNet's licence asks that its notice goes with every
copy, so the notice stands at the table's top.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

from timm.data import ImageNetInfo

TABLE = Path(__file__).resolve().parents[1] / "cs826tl" / "networks" / "imagenet_tree.tsv"
HYPERNYM = "@"


class Row(NamedTuple):
    """One synset of WordNet, as `data.noun` has it."""

    parents: list[str]
    words: list[str]
    definition: str


def read_synset(line: str) -> Row:
    """Read a line of `data.noun`; its format is in WordNet's manual page wndb(5WN)."""
    data, _, gloss = line.partition(" | ")
    fields = data.split()
    count = int(fields[3], 16)
    words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * count : 2]]
    pointers = fields[5 + 2 * count :]
    parents = [
        f"n{offset}"
        for symbol, offset in zip(pointers[::4], pointers[1::4], strict=True)
        if symbol == HYPERNYM
    ]
    return Row(parents, words, gloss.partition('; "')[0].strip())


def derive(noun_file: bytes, classes: list[str]) -> dict[str, Row]:
    """Return the classes' synsets and all that lie above them, by id."""
    rows: dict[str, Row] = {}
    waiting = list(classes)
    while waiting:
        identity = waiting.pop()
        if identity in rows:
            continue
        start = int(identity[1:])
        line = noun_file[start : noun_file.index(b"\n", start)].decode()
        if not line.startswith(identity[1:]):
            raise ValueError(f"no synset begins at byte {start}: this is not WordNet 3.0")
        rows[identity] = read_synset(line)
        waiting += rows[identity].parents
    return rows


def notice(noun_file: bytes) -> list[str]:
    """Return the licence at the top of the file: its lines begin with a blank and a number."""
    lines = noun_file.decode().splitlines()
    return [line.strip().partition(" ")[2] for line in lines if line.startswith("  ")]


def table(noun_file: bytes) -> str:
    """Return the whole table, the notice first."""
    classes = ImageNetInfo("imagenet-1k").label_names()
    number = {identity: str(k) for k, identity in enumerate(classes)}
    opening = ["Derived from WordNet 3.0 by tools/wordnet_tree.py; WordNet's notice:", ""]
    lines = [f"# {line}".rstrip() for line in [*opening, *notice(noun_file)]]
    lines.append("id\tclass\tparents\twords\tdefinition")
    for identity, row in sorted(derive(noun_file, classes).items()):
        cells = [" ".join(row.parents), ", ".join(row.words), row.definition]
        lines.append("\t".join([identity, number.get(identity, ""), *cells]))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table, whole or not at all."""
    parser = argparse.ArgumentParser(description="Derive the table of ImageNet's classes.")
    parser.add_argument("data_noun", type=Path, help="WordNet 3.0's file data.noun")
    text = table(parser.parse_args().data_noun.read_bytes())
    scratch = TABLE.with_suffix(".part")
    scratch.write_text(text, encoding="utf-8", newline="\n")
    scratch.replace(TABLE)
    print(f"{TABLE.name}: {len(text)} characters")


if __name__ == "__main__":
    main()
