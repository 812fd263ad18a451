"""The lecture's methods, each with a pair in the features it takes and with its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cs826tl._errors import unknown
from cs826tl.methods.adaptation.adversarial import DANN
from cs826tl.methods.adaptation.alignment import Coral
from cs826tl.methods.adaptation.base import Transductive
from cs826tl.methods.adaptation.domains import PAIRS
from cs826tl.methods.adaptation.metric import LearnedMetric
from cs826tl.methods.adaptation.naive_bayes import NaiveBayesEM
from cs826tl.methods.adaptation.pairs import BlindPair
from cs826tl.methods.adaptation.semi_supervised import SemiSupervised
from cs826tl.methods.adaptation.svm import TransductiveSVM

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LineUp = dict[str, tuple[Transductive, BlindPair]]


def line_up(pair: BlindPair) -> LineUp:
    """Return the lecture's methods by name, each with the pair in features that suit it [C06].

    Settings that a source can decide were chosen on the source: half of its labels were hidden,
    and each method labelled that half (other draws than those of small seeds). Settings that only
    a target could decide are as their authors have them: `Coral`'s `ridge` and `DANN`'s `strength`.

    Raises `ValueError` for a pair that is not one of `blind_pair`'s.

    >>> from cs826tl.methods.adaptation import blind_pair
    >>> list(line_up(blind_pair("digits", shots=5)))[:3]
    ['self-training', 'naive Bayes, EM', 'transductive SVM']
    """
    if pair.name not in PAIRS:
        raise unknown("line-up for a pair", pair.name, PAIRS)
    return _digits(pair) if pair.name == "digits" else _opinions(pair)


def _digits(pair: BlindPair) -> LineUp:
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import BernoulliNB
    from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier

    softmax = LogisticRegression(max_iter=1000)
    near = SemiSupervised(LabelSpreading(gamma=1, alpha=0.2))  # as the metric itself weighs pairs
    methods: dict[str, Transductive] = {
        "self-training": SemiSupervised(SelfTrainingClassifier(softmax, threshold=0.9)),
        "naive Bayes, EM": NaiveBayesEM(BernoulliNB(alpha=0.1, binarize=0.3)),
        "transductive SVM": TransductiveSVM(C=0.1),
        "label propagation": SemiSupervised(LabelPropagation(gamma=8, tol=1.0)),
        "label spreading": SemiSupervised(LabelSpreading(gamma=2, alpha=0.5)),
        "learned metric": LearnedMetric(near, n_components=20),
        "CORAL": Coral(softmax),
        "DANN": DANN(),
    }
    return {name: (method, pair) for name, method in methods.items()}


def _opinions(pair: BlindPair) -> LineUp:
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier

    words = pair.through(TfidfVectorizer(sublinear_tf=True, min_df=2))
    counts = pair.through(CountVectorizer(binary=True, min_df=2))
    topics = words.through(latent_topics())
    softmax = LogisticRegression(C=3, max_iter=1000)
    near = SemiSupervised(LabelSpreading(kernel="knn", n_neighbors=30, alpha=0.2))
    return {
        "self-training": (SemiSupervised(SelfTrainingClassifier(softmax, threshold=0.9)), words),
        "naive Bayes, EM": (NaiveBayesEM(MultinomialNB(alpha=0.3)), counts),
        "transductive SVM": (TransductiveSVM(C=1.0), words),
        "label propagation": (SemiSupervised(LabelPropagation(gamma=4, tol=1.0)), topics),
        "label spreading": (near, topics),
        "learned metric": (LearnedMetric(near, n_components=20), topics),
        "CORAL": (Coral(softmax), topics),
        "DANN": (DANN(epochs=10), topics),
    }


def latent_topics(size: int = 100) -> Pipeline:
    """Return what makes few dense numbers of one length out of tf-idf: latent semantic analysis."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    return make_pipeline(TruncatedSVD(size, random_state=0), Normalizer())
