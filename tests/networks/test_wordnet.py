"""ImageNet's classes in WordNet: timm's and torchvision's names and plain paths are the oracles."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from timm.data import ImageNetInfo
from torchvision.models import VGG16_Weights

from cs826tl.networks.wordnet import (
    Synset,
    children,
    classes,
    classes_under,
    common_tree,
    path_to_root,
    search,
    synsets,
)
from tools import wordnet_tree

TIMM = ImageNetInfo("imagenet-1k")
# torchvision has one class a name, so of two classes of one name it renames one.
RENAMED = {134: "crane bird", 639: "maillot tank suit"}


def names(found: tuple[Synset, ...]) -> list[str]:
    return [synset.name for synset in found]


def ancestors(synset: Synset) -> Iterator[Synset]:
    """Go up every path, not only the first."""
    for parent in synset.parents:
        yield synsets()[parent]
        yield from ancestors(synsets()[parent])


def test_the_classes_are_those_of_timm_in_the_order_of_the_outputs() -> None:
    assert [synset.id for synset in classes()] == TIMM.label_names()
    assert [synset.label for synset in classes()] == list(range(1000))


def test_words_and_definitions_are_those_of_timm() -> None:
    for label, synset in enumerate(classes()):
        assert ", ".join(synset.words) == TIMM.index_to_description(label)
        detailed = TIMM.index_to_description(label, detailed=True)
        assert detailed.startswith(f"{', '.join(synset.words)}: {synset.definition}")


def test_torchvision_names_a_class_by_one_of_its_words() -> None:
    for label, name in enumerate(VGG16_Weights.IMAGENET1K_V1.meta["categories"]):
        assert RENAMED.get(label, name) == name
        assert label in RENAMED or name in classes()[label].words


def test_every_path_goes_by_parents_up_to_entity() -> None:
    for synset in synsets().values():
        path = path_to_root(synset)
        assert path[0] is synset
        assert path[-1].name == "entity"
        assert all(above.id == below.parents[0] for below, above in pairwise(path))


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("tabby", "tabby, domestic cat, cat, feline, carnivore, placental, mammal, vertebrate"),
        ("dalmatian", "dalmatian, dog, canine, carnivore"),
        ("jeep", "jeep, car, motor vehicle, self-propelled vehicle, wheeled vehicle, vehicle"),
        ("strawberry", "strawberry, berry, edible fruit, produce, food"),
    ],
)
def test_known_paths(word: str, path: str) -> None:
    wanted = path.split(", ")
    assert names(path_to_root(search(word)[0]))[: len(wanted)] == wanted


def test_no_class_is_a_kind_of_another() -> None:
    assert not [synset for synset in classes() if children(synset)]
    assert all(children(synset) for synset in synsets().values() if synset.label is None)


def test_the_classes_under_a_noun_are_those_that_have_it_above_them_on_any_path() -> None:
    under: dict[str, set[int]] = {identity: set() for identity in synsets()}
    for label, synset in enumerate(classes()):
        for above in [synset, *ancestors(synset)]:
            under[above.id].add(label)
    for synset in synsets().values():
        assert set(classes_under(synset)) == under[synset.id]
        assert list(classes_under(synset)) == sorted(under[synset.id])


def test_a_dog_is_a_canine_and_a_domestic_animal() -> None:
    dog, pet = search("dog")[0], search("domestic animal")[0]
    assert names(tuple(synsets()[p] for p in dog.parents)) == ["canine", "domestic animal"]
    assert dog in children(pet)
    assert set(classes_under(dog)) < set(classes_under(pet))


def test_search_puts_the_word_itself_first_then_within_then_beginnings() -> None:
    assert names(search("Great  dane")) == ["Great Dane"]
    assert names(search("house cat")) == ["domestic cat"]  # any of the synset's words
    found = names(search("cat"))
    assert found[0] == "cat"
    assert found.index("Siamese cat") < found.index("catamaran")
    assert {s.label for s in search("crane")} == {134, 517}
    assert "wildcat" not in names(search("cat"))  # a word that begins so, not one that ends so


@pytest.mark.parametrize(
    ("word", "hint"),
    [("dalmation", "did you mean 'dalmatian'"), ("xyzzy", "more general"), ("", "")],
)
def test_search_says_what_there_is_instead(word: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"no class and no kind '{word}'.*{hint}"):
        search(word)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 999), min_size=1, max_size=6))
def test_the_common_tree_parts_where_the_paths_part(labels: list[int]) -> None:
    rows = common_tree(labels)
    assert rows[0][0] == 0
    assert {s.label for _, s in rows} - {None} == set(labels)
    assert sum(s.label is not None for _, s in rows) == len(set(labels))
    for one, other in combinations(sorted(set(labels)), 2):
        path = path_to_root(classes()[other])
        last_shared = next(s for s in path_to_root(classes()[one]) if s in path)
        assert last_shared in [s for _, s in rows]
    inner = [s for _, s in rows if s.label is None]
    assert len(inner) < max(len(set(labels)), 2)  # no noun at which nothing parts
    for k, (depth, synset) in enumerate(rows[1:], start=1):
        above = next(s for d, s in reversed(rows[:k]) if d == depth - 1)
        assert above in path_to_root(synset)


def test_no_labels_have_no_tree() -> None:
    assert common_tree([]) == []


# The script that derived the table


def synset_line(start: int, words: list[str], parents: list[int], gloss: str) -> bytes:
    pointers = "".join(f" @ {p:08d} n 0000" for p in parents) + " ~ 00000099 n 0000"
    spelt = " ".join(f"{word} 0" for word in words)
    line = (
        f"{start:08d} 03 n {len(words):02x} {spelt} {len(parents) + 1:03d}{pointers} | {gloss}  \n"
    )
    return line.encode()


def test_the_script_reads_words_parents_and_the_definition_only() -> None:
    line = synset_line(7, ["big_cat", "cat"], [3, 5], 'a cat; large; "the big cat roared"')
    row = wordnet_tree.read_synset(line.decode())
    assert row.words == ["big cat", "cat"]
    assert row.parents == ["n00000003", "n00000005"]
    assert row.definition == "a cat; large"


def test_the_script_follows_the_parents_to_the_root_and_refuses_another_wordnet() -> None:
    licence = b"  1 This is the licence.  \n"
    root = len(licence)
    noun_file = licence + synset_line(root, ["entity"], [], "all there is")
    below = len(noun_file)
    noun_file += synset_line(below, ["cat"], [root], "it purrs")
    other = len(noun_file)
    noun_file += synset_line(other, ["dog"], [root], "it barks")
    rows = wordnet_tree.derive(noun_file, [f"n{below:08d}"])
    assert {row.words[0] for row in rows.values()} == {"cat", "entity"}
    assert wordnet_tree.notice(noun_file) == ["This is the licence."]
    with pytest.raises(ValueError, match=r"not WordNet 3\.0"):
        wordnet_tree.derive(noun_file, [f"n{below + 1:08d}"])


def test_the_table_is_what_the_script_derives() -> None:
    installed = Path("/usr/share/wordnet/data.noun")
    if not installed.exists():
        pytest.skip("WordNet is not installed (Debian: apt install wordnet-base)")
    assert wordnet_tree.table(installed.read_bytes()) == wordnet_tree.TABLE.read_text("utf-8")


def test_wordnets_notice_goes_with_the_table() -> None:
    notice = wordnet_tree.TABLE.read_text(encoding="utf-8").partition("\nid\t")[0]
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in notice
    assert "Permission to use, copy, modify and distribute" in notice
