"""The ImageNet explorer: WordNet's tree over the 1000 classes, and the network's best five."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from cs826tl.data.pictures import read_picture
from cs826tl.data.sources import PHOTO_SIZE
from cs826tl.data.tasks import Task
from cs826tl.methods.imagenet import probability_below, top_k
from cs826tl.networks import wordnet
from cs826tl.networks.staging import StagedModel
from cs826tl.networks.wordnet import Synset
from cs826tl.plots.drawing import Draw
from cs826tl.plots.predictions import plot_top_k
from cs826tl.widgets.controllers import Progress, Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, File, Press, Words
from cs826tl.widgets.explorer import Explorer

FIVE, MANY, SURE = 5, 100, 0.9
OWN = "your own picture"
MISSIONS = (
    "1. Stand on a noun, not the root, above half of the classes or more",
    "2. Find a word that names two classes: a bird and a machine",
    "3. Wrong name, right kind: the best guess is not the label, but the noun that you stand on is "
    "above both and gets 90 % or more, with fewer than 100 classes",
)


class ImagenetController:
    """Where one is in WordNet's tree, and which picture the network guesses at.

    The constructor raises `ValueError` for a model without ImageNet's 1000 classes.
    """

    title = "ImageNet's classes and the network's best five"
    help = (
        "Search for a word, walk up and down WordNet from there, "
        "and see what the network makes of a photograph, or of a picture of yours."
    )

    def __init__(self, model: StagedModel, task: Task, word: str, photo: int) -> None:
        if len(model.classes) != len(wordnet.classes()):
            raise ValueError(
                f"the model has {len(model.classes)} classes, not ImageNet's "
                f"{len(wordnet.classes())}: load_backbone gives one with its ImageNet head"
            )
        self.model = model
        self._true_labels = task.test.labels.tolist()
        self._truths = [model.classes[label] for label in self._true_labels]
        self.met: set[str] = set()
        names = [f"{k}. {truth}" for k, truth in enumerate(self._truths, start=1)]
        self._pictures = dict(zip(names, task.test.inputs, strict=True))
        self._search(word)
        self._look_at(names[photo])
        self._judge()

    @property
    def worth(self) -> Worth:
        """What a page offers: two words, and every fourth photograph beside the present one."""
        photos = [name for name in self._pictures if name != self._photo][::4]
        values = {"word": ("motor vehicle", "crane"), "photo": (self._photo, *photos)}
        return Worth(values, walked=True, most=240)

    def controls(self) -> tuple[Control, ...]:
        """Return the search, the walk, the photograph; the choices follow from where one is."""
        walk: list[Control] = []
        if len(self._found) > 1:
            walk.append(Choice("found", "Found", tuple(self._found), self._chosen))
        if self._kinds:
            label = f"Kinds of {self.here.name}"
            walk.append(Choice("kind", label, tuple(self._kinds), self._kind))
        return (
            Words("word", "Search for a word", self._word, placeholder="crane"),
            *walk,
            Choice("photo", "Photograph", tuple(self._pictures), self._photo),
            File("upload", "Upload a picture"),
            Press("down", "Down to this kind"),
            Press("up", "Up"),
        )

    def set(self, name: str, value: Any) -> None:
        """Take over a control's new value; `ValueError` for an unknown word, a broken picture."""
        if name == "word" and value:
            self._search(value)
        elif name == "found":
            self._chosen = value
            self._go_to(self._found[value])
        elif name == "kind":
            self._kind = value
        elif name == "photo":
            self._look_at(value)
        elif name == "upload":
            self._pictures[OWN] = read_picture(value, PHOTO_SIZE)
            self._look_at(OWN)
        self._judge()

    def press(self, name: str) -> Iterator[Progress]:
        """Go down to the chosen kind, or up; `ValueError` if there is nothing further."""
        parents = wordnet.path_to_root(self.here)[1:2]
        if name == "down" and not self._kinds:
            raise ValueError(
                f"{self.here.name!r} is one of the 1000 classes: there are no kinds of it below"
            )
        if name == "up" and not parents:
            raise ValueError(f"{self.here.name!r} is the root of WordNet's nouns: nothing is above")
        self._go_to(self._kinds[self._kind] if name == "down" else parents[0])
        self._judge()
        return iter(())

    def view(self) -> View:
        """Return where one is, the five best guesses, and where those stand in the tree."""
        best = self.model.classes[self.labels[0]]
        here = len(wordnet.classes_under(self.here))
        return View(
            status=(
                f"{self.here.name}: {here} of the 1000 classes. "
                f"{self._photo}: the network's best guess is {best}."
            ),
            tables=(
                self._place(),
                self._guesses(),
                self._tree(),
                missions({mission: mission in self.met for mission in MISSIONS}),
            ),
            draw=self._picture(),
            size=(7, 2.5),
            alt=f"{self._photo}: the picture, and a bar for each of the network's best five.",
        )

    def _judge(self) -> None:
        """Remember the missions that the present state meets."""
        below, classes = wordnet.classes_under(self.here), wordnet.classes()
        if len(below) >= len(classes) / 2 and self.here.parents:
            self.met.add(MISSIONS[0])
        kinds = [{s.name for s in wordnet.path_to_root(found)} for found in self._found.values()]
        if any("bird" in kind for kind in kinds) and any("device" in kind for kind in kinds):
            self.met.add(MISSIONS[1])
        place, best = list(self._pictures).index(self._photo), self.labels[0]
        truth = self._true_labels[place] if place < len(self._truths) else best
        wrong_name = best != truth and {best, truth} <= set(below)
        if wrong_name and len(below) < MANY and self.probability(self.here) >= SURE:
            self.met.add(MISSIONS[2])

    def _search(self, word: str) -> None:
        found = wordnet.search(word)
        self._word, self._found = word, _named(found, with_parent=True)
        self._chosen = next(iter(self._found))
        self._go_to(found[0])

    def _go_to(self, synset: Synset) -> None:
        self.here = synset
        self._kinds = _named(wordnet.children(synset))
        self._kind = next(iter(self._kinds), "")

    def _look_at(self, photo: str) -> None:
        images = self._pictures[photo].unsqueeze(0)
        self._probabilities, self._labels = top_k(self.model, images, k=len(self.model.classes))
        self._photo = photo

    @property
    def labels(self) -> list[int]:
        """The labels of the five likeliest classes, best first."""
        best: list[int] = self._labels[0, :FIVE].tolist()
        return best

    @property
    def truth(self) -> str | None:
        """The class of the photograph; None for one's own picture."""
        place = list(self._pictures).index(self._photo)
        return self._truths[place] if place < len(self._truths) else None

    def probability(self, synset: Synset) -> float:
        """Return what the network gives to the noun and all kinds of it, for this picture."""
        return float(probability_below([synset], self._probabilities, self._labels))

    def _place(self) -> Table:
        path = " › ".join(s.name for s in reversed(wordnet.path_to_root(self.here)))
        rows = (
            ("Words", ", ".join(self.here.words)),
            ("Meaning", self.here.definition),
            ("Path", path),
            ("For this picture", f"the network gives {_percent(self.probability(self.here))}"),
        )
        return Table(f"You are at: {self.here.name}", ("what", "in WordNet"), rows)

    def _guesses(self) -> Table:
        rows = [
            (
                self.model.classes[label],
                _percent(float(probability)),
                "✓" if self.model.classes[label] == self.truth else "",
            )
            for label, probability in zip(self.labels, self._probabilities[0], strict=False)
        ]
        return Table("The best five", ("class", "probability", "as labelled"), tuple(rows))

    def _tree(self) -> Table:
        rows = [
            ("· " * depth + synset.name, _percent(self.probability(synset)))
            for depth, synset in wordnet.common_tree(self.labels)
        ]
        caption = "Where the five stand in WordNet"
        return Table(caption, ("noun", "probability, all kinds of it together"), tuple(rows))

    def _picture(self) -> Draw:
        names = [self.model.classes[label] for label in self.labels]
        best = self._probabilities[0, :FIVE].tolist()
        picture = self._pictures[self._photo]
        return partial(plot_top_k, best, names, truth=self.truth, picture=picture)


def _named(synsets: Iterable[Synset], *, with_parent: bool = False) -> dict[str, Synset]:
    """Name synsets so that no two have one name; `crane` is a bird, and it is a machine."""
    names: dict[str, Synset] = {}
    for synset in synsets:
        parent = wordnet.path_to_root(synset)[1:2] if with_parent else ()
        name = synset.name + (f" ({parent[0].name})" if parent else "")
        names[name if name not in names else f"{name}, {synset.definition}"] = synset
    return names


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def imagenet_explorer(
    backbone: StagedModel, task: Task, *, word: str = "vehicle", photo: int = 0
) -> Explorer:
    """Return an explorer of ImageNet's classes and of the network's guesses at photographs [C10].

    The photographs are the task's test images; their classes are the backbone's. It opens at the
    first noun that `word` finds, and on the photograph with the number `photo`, counted from 0.

    Raises `ValueError` for a model without ImageNet's 1000 classes, or a word that is not there.

    >>> from cs826tl import load_backbone, load_task
    >>> imagenet_explorer(load_backbone("small_vgg", weights="random"), load_task("digits"))
    Traceback (most recent call last):
    ValueError: the model has 10 classes, not ImageNet's 1000: load_backbone gives one with ...
    """
    return Explorer(ImagenetController(backbone, task, word, photo))
