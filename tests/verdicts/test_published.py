"""Scores under published protocols: folds, tasks and ranks against independent answers."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from scipy.stats import rankdata
from sklearn.datasets import make_blobs
from sklearn.svm import SVC

from benchmarks.published import __main__ as command, remedies, simulated, split_mnist
from benchmarks.published.rows import OFFLINE, SIMULATED, SPLIT_MNIST, TARGET_ONLY
from cs826tl.methods.adaptation.pairs import BlindPair, Sealed
from cs826tl.verdicts.published import OURS, PUBLISHED, published_scores, ranks

MNIST_5K = split_mnist.mnist_5k()
PROTOCOLS = {"simulated": (SIMULATED, [TARGET_ONLY]), "split_mnist": (SPLIT_MNIST, [OFFLINE])}


def test_a_rank_is_the_least_that_scipy_gives_equal_scores() -> None:
    scores = np.random.default_rng(0).integers(0, 6, (40, 9)).astype(float)
    for ours in scores:
        together = np.vstack([ours, scores])
        expected = [int(rankdata(-column, method="min")[0]) for column in together.T]
        assert ranks(ours.tolist(), scores.tolist()) == expected


def test_a_missing_score_has_no_rank_and_beats_nobody() -> None:
    assert ranks([None, 0.5], [[0.9, None], [0.8, 0.6]]) == ["–", 2]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_lectures_file_holds_the_published_rows_and_the_ranks_of_ours(name: str) -> None:
    published, bounds = PROTOCOLS[name]
    found = published_scores(name)
    scores = found.drop(columns="rank")
    assert scores.loc[PUBLISHED].index.tolist() == list(published)
    np.testing.assert_array_equal(
        scores.loc[PUBLISHED].to_numpy(), np.array(list(published.values()), float)
    )
    rivals = scores.loc[PUBLISHED].drop(index=bounds)
    for way, row in found.loc[OURS].iterrows():
        if row["rank"] != "–":
            together = np.vstack([row.drop("rank").astype(float), rivals])
            expected = [rankdata(-column[~np.isnan(column)], "min")[0] for column in together.T]
            assert row["rank"] == " · ".join(str(int(rank)) for rank in expected), way


def test_published_tables_have_a_number_for_each_shift_and_scenario() -> None:
    assert np.array(list(SIMULATED.values())).shape == (22, len(simulated.SHIFTS))
    assert np.array(list(SPLIT_MNIST.values()), float).shape == (9, len(split_mnist.SCENARIOS))
    assert all(0 <= score <= 1 for row in SIMULATED.values() for score in row)


@pytest.fixture
def _skada_of_numbered_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a module in skada's place whose rows hold their own number, and one fold of them."""
    skada, datasets, selection = (
        ModuleType(f"skada{part}") for part in ("", ".datasets", ".model_selection")
    )
    numbers = np.arange(40)
    domains = np.where(numbers < 20, 1, -2)

    class Folds:
        def __init__(self, n_splits: int, **_: object) -> None:
            self.n_splits = n_splits

        def split(self, rows: object, labels: object, domains: object) -> object:
            for fold in range(self.n_splits):
                yield numbers[numbers % 5 != fold], numbers[numbers % 5 == fold]

    datasets.make_shifted_datasets = lambda **_: (numbers[:, None], numbers % 2, domains)
    selection.StratifiedDomainShuffleSplit = Folds
    for module in (skada, datasets, selection):
        monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.usefixtures("_skada_of_numbered_rows")
def test_no_fold_tests_on_what_it_learnt_from_or_mixes_domains() -> None:
    found = list(simulated.pairs("covariate"))
    assert len(found) == 25
    for pair in found:
        source, target, test = (
            set(rows[:, 0]) for rows in (pair.X_source, pair.X_target, pair.sealed.test_inputs)
        )
        assert max(source) < 20 <= min(target | test)
        assert target.isdisjoint(test)
        assert target | test == set(range(20, 40))
        for rows, labels in (
            (pair.X_source, pair.y_source),
            (pair.X_target, pair.sealed.train_labels),
            (pair.sealed.test_inputs, pair.sealed.test_labels),
        ):
            np.testing.assert_array_equal(rows[:, 0] % 2, labels)


@pytest.fixture(scope="module")
def pair() -> BlindPair:
    rows, labels = make_blobs(180, centers=[[0, 0], [3, 0]], random_state=0)
    rows[60:] += [0, 2]
    sealed = Sealed(labels[60:120], rows[120:], labels[120:])
    return BlindPair("blobs", ("0", "1"), rows[:60], labels[:60], rows[60:120], sealed)


def test_bounds_are_scikit_learns_svm_and_a_method_is_chosen_from_ours(pair: BlindPair) -> None:
    found = simulated.fold_scores(pair)
    svm = SVC().fit(pair.X_source, pair.y_source)
    assert found["Train Src"] == svm.score(pair.sealed.test_inputs, pair.sealed.test_labels)
    assert found[simulated.CHOSEN] in [found[name] for name in simulated.contestants(pair)]


def test_what_is_chosen_does_not_depend_on_the_targets_labels(pair: BlindPair) -> None:
    wrong = replace(pair, sealed=replace(pair.sealed, test_labels=1 - pair.sealed.test_labels))
    told, mistold = simulated.fold_scores(pair), simulated.fold_scores(wrong)
    assert told == pytest.approx({name: 1 - score for name, score in mistold.items()})


def test_scenarios_show_the_same_pictures_under_other_labels() -> None:
    task, domain, classes = (
        split_mnist.five_tasks(scenario, MNIST_5K.task) for scenario in split_mnist.SCENARIOS
    )
    for k in range(5):
        digits = classes[k].train.labels
        assert digits.unique().tolist() == [2 * k, 2 * k + 1]
        for other in (task[k], domain[k]):
            assert torch.equal(other.train.inputs, classes[k].train.inputs)
            assert torch.equal(other.train.labels, digits - 2 * k)
    assert [len(one.classes) for one in classes] == [2, 4, 6, 8, 10]


def test_all_of_mnist_is_read_from_its_four_files(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    written = {}
    for name, count in (("train", 55_020), ("t10k", 30)):
        images = generator.integers(0, 256, (count, 2, 2), np.uint8)
        labels = generator.integers(0, 10, count, np.uint8)
        head = (tmp_path / f"{name}-images-idx3-ubyte", tmp_path / f"{name}-labels-idx1-ubyte")
        head[0].write_bytes(np.array([2051, count, 2, 2], ">i4").tobytes() + images.tobytes())
        head[1].write_bytes(np.array([2049, count], ">i4").tobytes() + labels.tobytes())
        written[name] = images, labels
    task = split_mnist.full_mnist(tmp_path).task
    assert [len(part) for part in (task.train, task.validation, task.test)] == [55_000, 20, 30]
    read = torch.cat([task.train.inputs, task.validation.inputs])
    np.testing.assert_array_equal(read[:, 0].numpy(), written["train"][0])
    np.testing.assert_array_equal(task.test.labels.numpy(), written["t10k"][1])
    head[0].unlink()
    with pytest.raises(FileNotFoundError, match="no t10k-images-idx3-ubyte in"):
        split_mnist.full_mnist(tmp_path)


def test_what_the_lectures_do_not_show_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["published", "--store", "--seeds", "1"])
    with pytest.raises(SystemExit):
        command.main()
    assert "leave out --store" in capsys.readouterr().err


@pytest.mark.parametrize("scenario", split_mnist.SCENARIOS)
def test_accuracies_are_those_of_a_plain_count(scenario: str) -> None:
    learner = split_mnist.untrained(scenario, 1, MNIST_5K)
    split_mnist.learn(learner, [0], [], seed=0, iterations=3)
    first = learner.tasks[0].test
    codes = learner.model.stages(first.inputs.float() / 255)
    scores = learner.heads[0](codes) if scenario == "task" else codes[:, :2]
    right = sum(
        int(row.argmax()) == int(label) for row, label in zip(scores, first.labels, strict=True)
    )
    assert learner.accuracies(0, "test")[0] == pytest.approx(right / len(first))


@pytest.mark.parametrize("scenario", split_mnist.SCENARIOS)
def test_each_old_task_counts_as_much_as_the_new_one(scenario: str) -> None:
    learner = split_mnist.untrained(scenario, 0, MNIST_5K)
    held = remedies.penalties("LwF", learner, 3, 0.0, seed=0)
    assert sum(one.strength for one in held) == 3
    replay = [remedies.penalties("replay", learner, k, 0.0, seed=0)[0] for k in (1, 2, 3)]
    assert [one.strength for one in replay] == [1, 1, 1]
    assert [len(one.split) for one in replay] == [20] * 3


def test_scores_are_means_over_seeds_in_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    def scores(scenario: str, seed: int, strengths: dict, digits: object) -> dict:
        level = 0.1 * split_mnist.SCENARIOS.index(scenario) + 0.01 * seed
        return {way: {"ACC": level, "BWT": -level} for way in (*remedies.WAYS, remedies.JOINT)}

    monkeypatch.setattr(remedies, "scores", scores)
    monkeypatch.setattr(remedies, "chosen_strengths", lambda scenario: {})
    kept, beside = command.on_digits(1)
    assert kept[OURS]["EWC"] == [2, 12, 22]
    assert beside["scores"]["class"]["EWC"]["BWT"] == pytest.approx(-0.22)
    assert command.our_ranks(kept)["EWC"] == [8, 8, 5]


def test_without_skada_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = command.protocol(["task"], [], {"plain": [50.126]}, {"None": [60.0]})
    monkeypatch.setitem(sys.modules, "skada", None)
    monkeypatch.setattr(command, "on_digits", lambda jobs, **_: (kept, {"scores": {}}))
    monkeypatch.setattr(sys, "argv", ["published", "--json"])
    command.main()
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == [command.INSTALL]
    assert "pip install skada" in command.INSTALL
    assert found["split_mnist"]["rank"] == {"plain": [2]}
    assert found["split_mnist"][OURS] == {"plain": [50.13]}
