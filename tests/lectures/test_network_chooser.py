"""The network chooser without a browser: scored, ranked, fine-tuned, said."""

import pytest

from cs826tl import evaluate, few_shot, fit, load_backbone, load_task, with_head
from cs826tl.lectures.which_network import network_chooser
from cs826tl.lectures.which_network.plots import plot_ranking
from cs826tl.methods.transferability import SCORES, score_network

NETWORKS = {
    f"seed {k}": load_backbone("small_vgg", weights="random", size=16, seed=k) for k in range(3)
}


@pytest.mark.parametrize("score", SCORES)
def test_the_table_is_sorted_by_the_score(score: str) -> None:
    task = load_task("digits", shots=10)
    explorer = network_chooser(task, **NETWORKS)
    explorer.set("score", score)
    few = few_shot(task, 10).train
    expected = {
        name: score_network(score, network, few.inputs, few.labels)
        for name, network in NETWORKS.items()
    }
    ranked = sorted(expected, key=lambda name: -expected[name])
    (table,) = explorer.state["tables"]
    assert [row[0] for row in table["rows"]] == ranked
    assert [row[1] for row in table["rows"]] == [f"{expected[name]:.2f}" for name in ranked]
    assert f"take {ranked[0]}." in explorer.state["status"]


def test_fine_tuning_measures_every_network_and_says_what_is_lost() -> None:
    task = load_task("digits", shots=5)
    explorer = network_chooser(task, **NETWORKS)
    explorer.press("measure")
    accuracies = {}
    for name, network in NETWORKS.items():
        model = with_head(network, task.classes)
        fit(model, few_shot(task, 5), epochs=8, lr=1e-3, progress=False)
        accuracies[name] = evaluate(model, task, "validation")
    (table,) = explorer.state["tables"]
    found = {row[0]: row[2] for row in table["rows"]}
    assert found == {name: f"{accuracy:.2f}" for name, accuracy in accuracies.items()}
    lost = max(accuracies.values()) - accuracies[table["rows"][0][0]]
    assert f"{lost:.2f} is lost" in explorer.state["status"]


def test_other_labels_are_not_measured_yet() -> None:
    explorer = network_chooser(load_task("digits", shots=10), **NETWORKS)
    explorer.press("measure")
    explorer.set("shots", "5")
    (table,) = explorer.state["tables"]
    assert {row[2] for row in table["rows"]} == {"–"}
    assert "would tell" in explorer.state["status"]


def test_a_network_without_an_accuracy_is_hollow_at_the_bottom() -> None:
    ax = plot_ranking({"a": 1.0, "b": 2.0}, {"b": 0.7})
    points = {line.get_xdata()[0]: line for line in ax.lines}
    assert points[1.0].get_ydata()[0] == 0
    assert points[1.0].get_markerfacecolor() == "white"
    assert points[2.0].get_ydata()[0] == 0.7
    assert points[2.0].get_markerfacecolor() != "white"


def test_without_networks_or_with_too_few_pictures_it_says_so() -> None:
    with pytest.raises(ValueError, match="0 networks"):
        network_chooser(load_task("digits", shots=5))
    with pytest.raises(ValueError, match="a class with 2 training pictures"):
        network_chooser(load_task("digits", shots=2), **NETWORKS)
