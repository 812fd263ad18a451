"""The kinds of transfer, and the two questions that tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

Answers = tuple[bool, bool]  # labels in the target, labels in the source


@dataclass(frozen=True)
class Kind:
    """A kind of transfer: its name, what it adapts to what, and the tasks it is used for."""

    name: str
    adapts: str
    tasks: tuple[str, ...]

    def __repr__(self) -> str:
        return f"{self.name} transfer ({', '.join(self.tasks)}): {self.adapts}"


INDUCTIVE = Kind(
    "inductive", "labels in the target correct the source's model", ("classification", "regression")
)
TRANSDUCTIVE = Kind(
    "transductive",
    "the source's labels serve a target that has none",
    ("classification", "regression"),
)
UNSUPERVISED = Kind(
    "unsupervised",
    "an unsupervised model meets another unlabelled data set",
    ("clustering", "dimensionality reduction"),
)
KINDS = (INDUCTIVE, TRANSDUCTIVE, UNSUPERVISED)


def kind_of_transfer(*, target_labels: bool, source_labels: bool) -> Kind:
    """Return the kind of transfer that the two answers name [C05].

    `target_labels`: at training time, does at least some of the target's data have labels?
    Then the source's labels do not matter. The pitfall: labels kept for the test do not count.

    Raises `TypeError` for an answer that is not True or False: the text "no" would count as yes.

    S. J. Pan, Q. Yang: A survey on transfer learning (doi:10.1109/TKDE.2009.191), table 2.

    >>> kind_of_transfer(target_labels=False, source_labels=True)
    transductive transfer (classification, regression): the source's labels serve a target that ...
    """
    for question, answer in (("target_labels", target_labels), ("source_labels", source_labels)):
        if not isinstance(answer, bool):
            raise TypeError(f"{question}={answer!r}: answer with True or False")
    if target_labels:
        return INDUCTIVE
    return TRANSDUCTIVE if source_labels else UNSUPERVISED
