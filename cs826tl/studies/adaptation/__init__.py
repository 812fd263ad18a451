"""Transfer without target labels: methods of one signature, and pairs that hide the labels [C06].

`fit(X_source, y_source, X_target)`, then `predict(X)`. Self-training, label propagation and label
spreading are scikit-learn's own.
"""

from cs826tl.studies.adaptation.adversarial import DANN, reverse_gradient
from cs826tl.studies.adaptation.alignment import Coral, coral
from cs826tl.studies.adaptation.base import Transductive
from cs826tl.studies.adaptation.comparing import compare, reverse_validation
from cs826tl.studies.adaptation.domains import blind_pair
from cs826tl.studies.adaptation.graph import neighbour_graph, spread_labels
from cs826tl.studies.adaptation.lineup import line_up
from cs826tl.studies.adaptation.metric import LearnedMetric
from cs826tl.studies.adaptation.naive_bayes import NaiveBayesEM
from cs826tl.studies.adaptation.pairs import BlindPair
from cs826tl.studies.adaptation.semi_supervised import SemiSupervised
from cs826tl.studies.adaptation.svm import TransductiveSVM

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
