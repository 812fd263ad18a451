"""Transfer without target labels: methods of one signature, and pairs that hide the labels [C06].

`fit(X_source, y_source, X_target)`, then `predict(X)`. Self-training, label propagation and label
spreading are scikit-learn's own.
"""

from cs826tl.methods.adaptation.adversarial import DANN, reverse_gradient
from cs826tl.methods.adaptation.alignment import Coral, coral
from cs826tl.methods.adaptation.comparing import compare, reverse_validation
from cs826tl.methods.adaptation.domains import blind_pair
from cs826tl.methods.adaptation.graph import neighbour_graph, spread_labels
from cs826tl.methods.adaptation.metric import LearnedMetric
from cs826tl.methods.adaptation.naive_bayes import NaiveBayesEM
from cs826tl.methods.adaptation.svm import TransductiveSVM

__all__ = [
    "DANN",
    "Coral",
    "LearnedMetric",
    "NaiveBayesEM",
    "TransductiveSVM",
    "blind_pair",
    "compare",
    "coral",
    "neighbour_graph",
    "reverse_gradient",
    "reverse_validation",
    "spread_labels",
]
