"""Labels that spread over a graph of neighbours, step by step, so that one can watch [C06]."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, diags

from cs826tl.methods.adaptation.base import UNLABELLED

Floats = NDArray[np.float64]


def neighbour_graph(rows: ArrayLike, neighbours: int = 5) -> csr_matrix:
    """Return which rows are neighbours: 1 if either is among the other's nearest, else 0.

    `rows` has the shape `(N, features)`, the result `(N, N)`; it is symmetric, and no row is a
    neighbour of itself. Raises `ValueError` for fewer than one neighbour or more than there are.

    >>> neighbour_graph([[0.0], [1.0], [5.0]], 1).toarray()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    from sklearn.neighbors import kneighbors_graph

    points = np.asarray(rows, dtype=float)
    if not 1 <= neighbours < len(points):
        raise ValueError(f"neighbours={neighbours}: {len(points)} rows have 1 to {len(points) - 1}")
    nearest = kneighbors_graph(points, neighbours)
    return csr_matrix(nearest.maximum(nearest.T))


def spread_labels(
    graph: csr_matrix, labels: ArrayLike, *, alpha: float = 0.8, steps: int = 30
) -> Floats:
    """Return what every row knows after each step of label spreading, from step 0 on.

    `labels` holds a class, 0 and up, or -1 if nobody knows, shape `(N,)`. In each step a row
    takes `alpha` of what its neighbours know, by their number of ties, and `1 - alpha` of what it
    was told at the start. The result has the shape `(steps + 1, N, classes)`; a row that nothing
    has reached yet is all 0. The pitfall: a part of the graph without a label is never reached.

    Raises `ValueError` for labels of another length or an `alpha` outside 0 to 1.

    Zhou, Bousquet, Lal, Weston, Schölkopf 2003 (Learning with local and global consistency, NIPS).

    >>> chain = neighbour_graph([[0.0], [1.0], [2.0]], 1)
    >>> spread_labels(chain, [0, -1, -1], alpha=0.5, steps=2)[:, :, 0].round(2)
    array([[1.  , 0.  , 0.  ],
           [0.5 , 0.35, 0.  ],
           [0.62, 0.18, 0.12]])
    """
    told = np.asarray(labels)
    if told.shape != (graph.shape[0],):
        raise ValueError(f"labels of shape {told.shape} for {graph.shape[0]} rows of the graph")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha}: what comes from neighbours is between 0 and 1")
    start = np.zeros((len(told), int(told.max()) + 1))
    known = np.flatnonzero(told != UNLABELLED)
    start[known, told[known]] = 1.0
    ties = np.asarray(graph.sum(1)).ravel()
    scale = diags(1 / np.sqrt(np.maximum(ties, 1)))
    passed_on = scale @ graph @ scale
    seen = [start]
    for _ in range(steps):
        seen.append(alpha * (passed_on @ seen[-1]) + (1 - alpha) * start)
    return np.stack(seen)
