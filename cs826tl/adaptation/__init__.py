"""Transfer without target labels: methods of one signature, and pairs that hide the labels [C06].

`fit(X_source, y_source, X_target)`, then `predict(X)`. Self-training, label propagation and label
spreading are scikit-learn's own.
"""

from cs826tl.adaptation.adversarial import DANN, reverse_gradient
from cs826tl.adaptation.alignment import Coral, coral
from cs826tl.adaptation.base import Transductive
from cs826tl.adaptation.comparing import compare, reverse_validation
from cs826tl.adaptation.domains import blind_pair
from cs826tl.adaptation.graph import neighbour_graph, spread_labels
from cs826tl.adaptation.lineup import line_up
from cs826tl.adaptation.metric import LearnedMetric
from cs826tl.adaptation.naive_bayes import NaiveBayesEM
from cs826tl.adaptation.pairs import BlindPair
from cs826tl.adaptation.semi_supervised import SemiSupervised
from cs826tl.adaptation.svm import TransductiveSVM

__all__ = [
    "DANN",
    "BlindPair",
    "Coral",
    "LearnedMetric",
    "NaiveBayesEM",
    "SemiSupervised",
    "Transductive",
    "TransductiveSVM",
    "blind_pair",
    "compare",
    "coral",
    "line_up",
    "neighbour_graph",
    "reverse_gradient",
    "reverse_validation",
    "spread_labels",
]
