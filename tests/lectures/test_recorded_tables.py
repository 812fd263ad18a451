"""The stored table of lecture 13 has every way and seed that its tool measures."""

import numpy as np
import pytest

from cs826tl.verdicts import recorded_table
from tools.tuning.lecture_13_minilm import SEEDS, WAYS

ALL = 22_000_000  # MiniLM has a little more


def test_every_way_and_seed_has_its_row_and_plausible_numbers() -> None:
    table = recorded_table("13_minilm")
    rows = set(zip(table["way"], table["seed"], strict=True))
    assert rows == {(way, seed) for way in ("before", *WAYS) for seed in SEEDS}
    assert len(table) == len(rows)
    assert table[["gained", "kept"]].stack().between(0, 1).all()


def test_costs_are_those_of_what_is_trained() -> None:
    costs = recorded_table("13_minilm").groupby("way")[["parameters", "bytes"]].first().dropna()
    head = 384 * 2 + 2
    assert costs.loc["head"].tolist() == [head, 4 * head]
    # rank 1 beside four layers of 384 to 384, and two between 384 and 1536, in each of six
    assert costs.loc["LoRA", "parameters"] == head + 6 * (4 * 768 + 2 * 1920)
    assert costs.loc["all", "parameters"] > ALL
    assert (costs["bytes"] == 4 * costs["parameters"]).all()


def test_a_trials_record_is_a_row_for_each_seed() -> None:
    table = recorded_table("C01_photographs")
    assert table.index.tolist() == list(range(5))
    accuracies = np.stack([np.array(table[way].tolist()) for way in table])
    assert accuracies.shape == (4, 5, 4)  # ways, seeds, numbers of labels
    assert ((accuracies > 0) & (accuracies < 1)).all()


def test_another_table_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no recorded table named '13_minlm'.*13_minilm"):
        recorded_table("13_minlm")
