"""Lecture 12's four applications: opinions, mail, a camera's pictures, and attacks [C17]."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from cs826tl.data.intrusion import BREAK_INS, CATEGORIES, NUMBERS, SCANS, load_intrusions
from cs826tl.data.loading import load_task
from cs826tl.data.reviews import Texts, load_reviews
from cs826tl.data.spam import GENERAL, PERSONAL, load_mail
from cs826tl.devices import one_blas_thread
from cs826tl.networks.published import load_backbone
from cs826tl.training.codes import encode

Scored = tuple[NDArray[Any], NDArray[Any]]  # labels, and scores as log-odds, one of each a row
Score = Callable[[pd.DataFrame], NDArray[np.float64]]
EVERY_WORD = [*GENERAL, *PERSONAL]
PUBLIC = 1500  # messages that a public filter learns from
CARS = (1, 9)  # CIFAR-10's classes automobile and truck
PICTURES = 600  # of the camera, for each state of its lens
PAIRS = [(break_in, scan) for break_in in BREAK_INS for scan in SCANS[:3]]


# Opinions


def draw(part: Texts, number: int, seed: int) -> Texts:
    """Return `number` sentences, drawn by the seed."""
    return part[np.random.default_rng(seed).permutation(len(part))[:number]]


@one_blas_thread()  # a second thread would only slow this down
def critic(
    few: Texts, many: Texts | None = None, *, weight: float = 5, strength: float = 3
) -> Pipeline:
    """Return a classifier of sentences; each of the few counts `weight` times as much.

    `strength` is scikit-learn's `C`. Both were chosen by `python -m tools.tuning.lecture_12`.
    """
    sentences, labels, weights = list(few.texts), few.labels, np.ones(len(few))
    if many is not None:
        sentences, labels = sentences + list(many.texts), np.r_[labels, many.labels]
        weights = np.repeat([weight, 1], [len(few), len(many)])
    classifier = LogisticRegression(C=strength, max_iter=1000)
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), classifier)
    return model.fit(sentences, labels, logisticregression__sample_weight=weights)


# Mail


@one_blas_thread()
def spam_filter(
    rows: pd.DataFrame, features: list[str], public: Score | None = None, *, strength: float = 1
) -> Score:
    """Return the scores of a filter; it may see a public filter's score as one more feature.

    `strength` is scikit-learn's `C`.
    """

    def see(mails: pd.DataFrame) -> pd.DataFrame:
        seen = mails[features].apply(np.log1p)
        return seen if public is None else seen.assign(public=public(mails))

    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    model.fit(see(rows), rows["spam"])
    return lambda mails: model.decision_function(see(mails))


def deal(seed: int) -> tuple[pd.DataFrame, dict[str, Score]]:
    """Deal one person's mail: what is his own, and two public filters that learn from the rest.

    One has seen his good mail, blinded to the eight words that give him away: it is too good. The
    other has seen only good mail without any of them: it is too bad.
    """
    order = load_mail().train.sample(frac=1, random_state=seed)
    others, own = order[:PUBLIC], order[PUBLIC:]
    his = others[list(PERSONAL)].gt(0).any(axis=1) & others["spam"].eq(0)
    good, bad = (spam_filter(rows, list(GENERAL)) for rows in (others, others[~his]))
    return own, {"public, too good": good, "public, too bad": bad}


# A camera beside the road


@cache
def pictures(lens: str = "clean") -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Return whether each picture shows a car or a truck, and its codes, seen through a lens.

    `lens` is `clean` or one of the corruptions of `Task.corrupted`, at severity 4.
    """
    task = load_task("cifar10", shots=1)
    task = task.corrupted(lens, severity=4) if lens != "clean" else task
    seen = task.test[np.arange(PICTURES)]
    return np.isin(seen.labels, CARS), codes_of(seen.inputs)


@one_blas_thread()
def car_alarm(seed: int = 0, *, strength: float = 0.01) -> LogisticRegression:
    """Return a classifier of codes that has learnt from 40 clean pictures of each kind.

    `strength` is scikit-learn's `C`; `python -m tools.tuning.lecture_12` compares several at home.
    """
    codes, cars = _learnt(seed)
    return LogisticRegression(C=strength, max_iter=2000).fit(codes, cars)


@cache
def _learnt(seed: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    train = load_task("cifar10", shots=40, seed=seed).train
    return codes_of(train.inputs), np.isin(train.labels, CARS)


def codes_of(images: Any) -> NDArray[np.float32]:
    """Return EfficientNet-Lite0's last codes of pictures, at 128 pixels."""
    codes: NDArray[np.float32] = encode(_network(), images).flatten(1).cpu().numpy()
    return codes


@cache
def _network() -> Any:
    return load_backbone("efficientnet_lite0", size=128)


# Attacks


@cache
def attacks() -> pd.DataFrame:
    """Return all attacks, each row once."""
    return load_intrusions()


@one_blas_thread()
def seen_by(rows: pd.DataFrame) -> ColumnTransformer:
    """Return how rows are seen: names as yes or no, quantities scaled as in these rows."""
    numbers = make_pipeline(FunctionTransformer(np.log1p), StandardScaler())
    yes_or_no = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer((yes_or_no, list(CATEGORIES)), (numbers, list(NUMBERS)))
    return columns.fit(rows)


@one_blas_thread()
def detector(rows: pd.DataFrame, seen: ColumnTransformer | None = None) -> Score:
    """Return the scores of a detector of break-ins that has learnt from these rows."""
    seen = seen_by(rows) if seen is None else seen
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    model.fit(seen.transform(rows), rows["type"].isin(BREAK_INS))
    return lambda tested: model.decision_function(seen.transform(tested))


def precision(score: Score, tested: pd.DataFrame) -> float:
    """Return the PR AUC of break-ins among the tested rows."""
    return float(average_precision_score(tested["type"].isin(BREAK_INS), score(tested)))


def new_types(break_in: str, scan: str, seed: int, *, hide: str | None = None) -> dict[str, float]:
    """Return the PR AUC on two types, by what a detector may have learnt from.

    All are tested on the same half of the rows. Three labels of each new type count ten times
    beside the many of known types; alone, they are seen as those of known types are. `hide` names
    a column that no detector sees.
    """
    rows = attacks() if hide is None else attacks().assign(**{hide: 0})
    known = rows.groupby("type").sample(frac=0.5, random_state=seed)
    new = known["type"].isin([break_in, scan])
    source, target = known[~new], known[new]
    rest = rows.drop(known.index)
    tested = rest[rest["type"].isin([break_in, scan])]
    few = target.groupby("type").sample(3, random_state=seed)
    learnt = {
        "all types known": known,
        "the break-in is new": known[known["type"] != break_in],
        "the scan is new": known[known["type"] != scan],
        "both are new": source,
        "both new, 3 labels of each": pd.concat([source, *[few] * 10]),
        "target-trained": target,
    }
    found = {way: precision(detector(part), tested) for way, part in learnt.items()}
    return found | {"those 6 labels alone": precision(detector(few, seen_by(source)), tested)}


# All four, for the explorer


def scored() -> dict[str, dict[str, Scored]]:
    """Return labels and scores of each application, at home and away."""
    films = critic(draw(load_reviews("films").train, 4000, seed=0))
    mail = load_mail().validation
    public = deal(0)[1]["public, too bad"]
    his = mail[list(PERSONAL)].gt(0).any(axis=1) & mail["spam"].eq(0)
    half = attacks().groupby("type").sample(frac=0.5, random_state=0)
    rest, new = attacks().drop(half.index), ["buffer_overflow", "back"]
    break_ins = detector(half[~half["type"].isin(new)])

    def complaints(domain: str) -> Scored:
        part = load_reviews(domain).validation
        return 1 - part.labels, -films.decision_function(part.texts)

    def camera(lens: str) -> Scored:
        labels, codes = pictures(lens)
        return labels.astype(int), car_alarm().decision_function(codes)

    def intrusions(rows: pd.DataFrame) -> Scored:
        return rows["type"].isin(BREAK_INS).to_numpy().astype(int), break_ins(rows)

    def spam(rows: pd.DataFrame) -> Scored:
        return rows["spam"].to_numpy(), public(rows)

    return {
        "complaints": {"films": complaints("films"), "tweets": complaints("tweets")},
        "spam": {"public mail": spam(mail[~his]), "his inbox": spam(mail)},
        "cars": {"clean lens": camera("clean"), "low contrast": camera("contrast")},
        "intrusion": {
            "known types": intrusions(rest[~rest["type"].isin(new)]),
            "new types": intrusions(rest[rest["type"].isin(new)]),
        },
    }
