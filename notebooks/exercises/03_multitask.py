"""The rubric of exercise 03: one trunk, several tasks."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC

from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, INK, Script, ask_how_sure

BAR = 0.75


def draw_variant(rng):
    """Return the trunk's parameters, the width of its code, and the classes of each task."""
    classes = rng.choice(np.arange(2, 12), 3, replace=False).tolist()
    return {
        "trunk": 1000 * int(rng.integers(5, 60)),
        "width": int(rng.integers(16, 129)),
        "classes": classes,
    }


def parameters(variant):
    """Return the parameters of one trunk and all heads, biases included."""
    return variant["trunk"] + sum((variant["width"] + 1) * n for n in variant["classes"])


def gradient_cosine(variant, first, second):
    """Return the cosine over all tensors that both tasks have, or 0 where one has no length."""
    shared = sorted(set(first) & set(second))
    one, two = (
        np.concatenate([np.ravel(g[name]) for name in shared] or [np.zeros(1)])
        for g in (first, second)
    )
    length = np.linalg.norm(one) * np.linalg.norm(two)
    return float(one @ two / length) if length else 0.0


def some_gradients(rng, variant):
    """Draw gradients: equal, opposite, zero, nothing shared, others."""
    for k in range(12):
        names = [f"block{n}.weight" for n in range(int(rng.integers(2, 5)))]
        shapes = [tuple(rng.integers(1, 5, 2).tolist()) for _ in names]
        first, second = (
            {
                n: rng.normal(size=s) * 10.0 ** rng.integers(-1, 2)
                for n, s in zip(names, shapes, strict=True)
            }
            for _ in range(2)
        )
        if k == 1:
            second = {name: 3 * value for name, value in first.items()}
        if k == 2:
            second = {name: -value for name, value in first.items()}
        if k == 3:
            second = {name: 0 * value for name, value in first.items()}
        if k == 4:
            first = second = {}
        yield (
            first | {"digit.weight": rng.normal(size=(3, 2))},
            second | {"loop.weight": rng.normal(size=(2, 2))},
        )


def _tasks(rng, which):
    """Draw pictures and answers: real questions, fair and loaded coins."""
    script = Script(rng, spread=0.4)
    digit = script.digits(400)
    pictures = script.write(digit) / INK
    ink = pictures.sum(1)
    answers = {
        "odd": digit % 2,
        "high": digit >= 5,
        "zero": digit == 0,
        "bold": ink > np.median(ink),
        "fair coin": rng.permutation(400) < 200,
        "loaded coin": rng.permutation(400) < 360,
        "other coin": rng.permutation(400) < 120,
    }
    letters = rng.permutation(list("abcdefgh"))[: len(which)].tolist()
    chosen = zip(letters, which, strict=True)
    return pictures, {letter: answers[name].astype(int) for letter, name in chosen}


def some_tasks(rng, variant):
    """Draw sets of tasks: no coin, coins only, others."""
    yield _tasks(rng, ["zero", "bold"])
    yield _tasks(rng, ["loaded coin", "fair coin"])
    yield _tasks(rng, ["odd", "loaded coin", "high"])
    yield _tasks(rng, ["zero", "other coin", "fair coin", "bold"])


def coins(variant, pictures, answers):
    """Return the names of the tasks that stay near chance on pictures that were not learnt."""
    learner = LogisticRegression(C=0.1, max_iter=200)
    skill = {
        name: cross_val_score(learner, pictures, labels, cv=3, scoring="roc_auc").mean()
        for name, labels in answers.items()
    }
    return sorted(name for name in skill if skill[name] < 0.7)


def some_labels(rng, variant):
    """Draw labels of which the few are not enough alone, and enough beside the answers."""
    for _ in range(4):
        drawn = _labels(rng)
        while not _fair(drawn):
            drawn = _labels(rng)
        yield drawn


def _labels(rng):
    """Draw two labelled digits per class, 400 others with three answers, and 300 without any."""
    script = Script(rng, spread=0.95)
    digits, asked, new = script.digits(20), script.digits(400), script.digits(300)
    few, many, others = (script.write(labels) / INK for labels in (digits, asked, new))
    return Case((few, digits, many, _answers(asked), others), truth=new)


def _answers(digit):
    loop = np.isin(digit, [0, 6, 8, 9])
    return {"odd": digit % 2, "high": (digit >= 5).astype(int), "loop": loop.astype(int)}


def _fair(case):
    few, digits, *_, new = case
    alone = LogisticRegression(C=10, max_iter=1000).fit(few, digits).predict(new)
    together = predict_digits({}, *case)
    return (alone == case.truth).mean() < BAR and (together == case.truth).mean() > BAR + 0.1


def reaches_the_bar(variant, case, got):
    """Return what is wrong with the predicted digits, if anything."""
    if np.shape(got) != case.truth.shape:
        return "not one digit for each new picture"
    return "" if (np.asarray(got) == case.truth).mean() >= BAR else "below the bar of 75 %"


def how_sure(variant, case, got):
    """Return what to ask about the share of right labels, and the answer."""
    return ask_how_sure("predict_digits", got, case.truth, CLASSES)


def predict_digits(variant, few, digits, many, answers, new):
    """Return the digits that a linear classifier reads from pixels and the related answers."""
    judges = [SVC(C=10).fit(many, answers[name]) for name in sorted(answers)]

    def codes(rows):
        found = [2 * np.tanh(judge.decision_function(rows)) for judge in judges]
        return np.column_stack([rows, *found])

    classifier = LogisticRegression(C=10, max_iter=1000).fit(codes(few), digits)
    return classifier.predict(codes(new))


_ONE = {"block.weight": np.array([[3.0, 4.0]]), "digit.weight": np.array([9.0])}
_TWO = {"block.weight": np.array([[4.0, -3.0]]), "loop.weight": np.array([9.0])}
_LABELLED = _labels(np.random.default_rng(0))
_SIDE = np.tile([[0.0, 1.0], [1.0, 0.0]], (60, 1))
QUESTIONS = (
    Value(
        "parameters",
        points=1,
        hint="One trunk for all. A head has a weight for each of the code's numbers, and a bias.",
        solution=parameters,
    ),
    Function(
        "gradient_cosine",
        points=2,
        hint="One long vector of all shared tensors for each task; heads are not shared.",
        solution=gradient_cosine,
        cases=some_gradients,
        examples=[(_ONE, _TWO), (_ONE, {"block.weight": np.array([[6.0, 8.0]])})],
    ),
    Function(
        "coins",
        points=3,
        hint="Test on pictures that were not learnt, and with a score in which guessing the more "
        "frequent answer is worth nothing.",
        solution=coins,
        cases=some_tasks,
        as_set=True,
        examples=[
            (_SIDE, {"a": np.tile([0, 1], 60), "b": np.arange(120) * 7 % 11 % 2}),
        ],
    ),
    Function(
        "predict_digits",
        points=3,
        hint="Learn the three questions from the many. Their scores are features for the few, "
        "beside the pixels.",
        solution=predict_digits,
        cases=some_labels,
        check=reaches_the_bar,
        talk=how_sure,
        examples=[
            (*(part[:20] for part in _LABELLED[:2]), *_LABELLED[2:4], _LABELLED[4][:10]),
        ],
    ),
    Text(
        "which_second_task",
        points=2,
        criteria=(
            "1 point: the lesion's outline, because it takes the same features as the diagnosis",
            "1 point: compares with training alone on validation, over several seeds",
        ),
    ),
)
