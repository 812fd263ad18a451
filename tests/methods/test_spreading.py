"""Labels on a graph: against scikit-learn on the same graph, and the closed form of the paper."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.neighbors import kneighbors_graph
from sklearn.semi_supervised import LabelSpreading

from cs826tl.methods.adaptation import neighbour_graph, spread_labels


@pytest.fixture
def rows() -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.normal(size=(60, 3)) + np.repeat([[0.0], [2.5]], 30, axis=0)


@pytest.fixture
def told() -> np.ndarray:
    labels = np.full(60, -1)
    labels[[0, 1, 30, 31]] = 0, 0, 1, 1
    return labels


def test_ties_are_scikit_learns_nearest_either_way(rows: np.ndarray) -> None:
    nearest = kneighbors_graph(rows, 4).toarray() > 0
    graph = neighbour_graph(rows, 4).toarray()
    assert ((nearest | nearest.T) == (graph > 0)).all()
    assert set(np.unique(graph)) == {0.0, 1.0}
    assert not graph.diagonal().any()


def test_in_the_end_it_is_scikit_learns_on_the_same_graph(
    rows: np.ndarray, told: np.ndarray
) -> None:
    graph = neighbour_graph(rows, 6)

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return graph.toarray()

    theirs = LabelSpreading(kernel=kernel, alpha=0.7, tol=1e-9, max_iter=2000).fit(rows, told)
    ours = spread_labels(graph, told, alpha=0.7, steps=300)[-1]
    shares = ours / ours.sum(1, keepdims=True)
    assert shares == pytest.approx(theirs.label_distributions_, abs=1e-6)
    assert (ours.argmax(1) == theirs.transduction_).all()


def test_it_settles_where_the_papers_formula_says(rows: np.ndarray, told: np.ndarray) -> None:
    graph = neighbour_graph(rows, 6).toarray()
    scale = np.diag(graph.sum(1) ** -0.5)
    start = np.stack([told == 0, told == 1], axis=1) * 1.0
    closed = 0.3 * np.linalg.inv(np.eye(60) - 0.7 * scale @ graph @ scale) @ start
    assert spread_labels(csr_matrix(graph), told, alpha=0.7, steps=300)[-1] == pytest.approx(closed)


def test_a_label_goes_one_tie_a_step() -> None:
    chain = csr_matrix(np.eye(6, k=1) + np.eye(6, k=-1))
    steps = spread_labels(chain, [0, -1, -1, -1, -1, -1], steps=5)
    reached = (steps.sum(2) > 0).sum(1)
    assert reached.tolist() == [1, 2, 3, 4, 5, 6]


def test_a_part_without_a_label_is_never_reached() -> None:
    graph = neighbour_graph([[0.0], [1.0], [50.0], [51.0]], 1)
    steps = spread_labels(graph, [0, -1, -1, -1], steps=50)
    assert (steps[-1].sum(1) > 0).tolist() == [True, True, False, False]


def test_what_does_not_fit_is_refused(rows: np.ndarray) -> None:
    graph = neighbour_graph(rows, 3)
    with pytest.raises(ValueError, match=r"labels of shape \(2,\) for 60 rows"):
        spread_labels(graph, [0, 1])
    with pytest.raises(ValueError, match="alpha=1: what comes from neighbours"):
        spread_labels(graph, [0] * 60, alpha=1)
    with pytest.raises(ValueError, match="neighbours=60: 60 rows have 1 to 59"):
        neighbour_graph(rows, 60)
