"""The rubric of exercise 02: which kind, which methods, which harm."""

import numpy as np

from cs826tl_grader import Case, Function, Text, Value

CASES = {
    "inductive": (
        "A network that names birds is trained on, with 300 labelled photographs of moths.",
        "A model of house prices in one town is corrected with forty sales in another.",
        "A network for X-rays is tuned with sixty ultrasound pictures that a doctor graded.",
    ),
    "transductive": (
        "A critic trained on rated films has to judge cameras; nobody has rated any.",
        "Spam was marked in English mail. The filter moves to a firm whose mail is unread.",
        "A meter learnt from tagged daylight photographs gets night photographs as they are.",
    ),
    "unsupervised": (
        "Groups of customers found in one shop are the start for grouping another's.",
        "Main directions of faces are found in two heaps of pictures, neither of them tagged.",
        "Topics found in one archive help to find topics in another; nobody read either.",
    ),
}
KINDS = {case: kind for kind, cases in CASES.items() for case in cases}
ALLOWED = {
    "inductive": {"source inputs", "source labels", "target inputs", "target labels"},
    "transductive": {"source inputs", "source labels", "target inputs"},
    "unsupervised": {"source inputs", "target inputs"},
}
PARTS = sorted(ALLOWED["inductive"] | {"test inputs", "test labels"})
BAR = 1.5  # degrees
COLUMNS = 24


def draw_variant(rng):
    """Return four cases in which each kind occurs."""
    while True:
        cases = rng.choice(list(KINDS), 4, replace=False).tolist()
        if len({KINDS[case] for case in cases}) == 3:
            return {"cases": cases}


def kinds(variant):
    """Return the kind of each case."""
    return [KINDS[case] for case in variant["cases"]]


def breaks_the_rule(variant, runs):
    """Return the names of the runs that used what their kind has not, sorted."""
    return sorted(r["name"] for r in runs if set(r["used"]) - ALLOWED[r["kind"]])


def some_runs(rng, variant):
    """Draw logs: none, all allowed, one part each of every kind, others."""
    yield ([],)
    yield ([{"name": f"{k} run", "kind": k, "used": sorted(u)} for k, u in ALLOWED.items()],)
    yield (
        [{"name": f"{k}, {part}", "kind": k, "used": [part]} for k in ALLOWED for part in PARTS],
    )
    for _ in range(8):
        names = [f"run {n}" for n in rng.permutation(20)[:6]]
        yield (
            [
                {
                    "name": name,
                    "kind": str(rng.choice(list(ALLOWED))),
                    "used": rng.choice(PARTS, int(rng.integers(1, 5)), replace=False).tolist(),
                }
                for name in names
            ],
        )


def likeness(variant, source, target):
    """Return for each source item its category's share in the target over that in the source."""
    return [target.count(c) / len(target) / (source.count(c) / len(source)) for c in source]


def some_categories(rng, variant):
    """Draw categories: one, equal ones, none in common, sizes that differ, others."""
    yield ["a"], ["a", "a", "a"]
    yield ["a", "b", "b"], ["b", "a", "b"]
    yield ["a", "b"], ["c", "c", "c"]
    yield ["a", "a", "b"], ["b", "c", "c", "c", "a", "b", "b", "b"]
    for _ in range(8):
        sizes = rng.integers(3, 40, 2)
        yield tuple(rng.choice(list("abcde"), n).tolist() for n in sizes)


def some_laboratories(rng, variant):
    """Draw labelled codes of one laboratory, eight labelled ones of another, and 300 others."""
    for _ in range(6):
        slope = rng.normal(size=COLUMNS)
        slope *= 10 / np.linalg.norm(slope)
        source = rng.normal(size=(400, COLUMNS))
        home = source @ slope + rng.normal(size=len(source))
        away = rng.normal(size=(308, COLUMNS)) + slope * rng.choice([-0.1, 0.1])  # leans as a whole
        tilt = rng.choice([-1, 1]) * rng.uniform(6, 12)
        angles = away @ slope + tilt + rng.normal(0, 0.5, len(away))
        yield Case((source, home, away[:8], angles[:8], away[8:]), truth=angles[8:])


def reaches_the_bar(variant, case, got):
    """Return what is wrong with the angles, if anything."""
    if np.shape(got) != case.truth.shape:
        return "not one angle for each new picture"
    error = np.abs(np.asarray(got, dtype=float) - case.truth).mean()
    return "" if error <= BAR else "further off than 1.5 degrees"


def beside_the_source(variant, case, got):
    """Return what to ask about the error, and the answer."""
    if np.shape(got) != case.truth.shape:
        raise ValueError("not one angle for each new picture")
    source, angles, *_, new = case
    uncorrected = predict_angles(variant, source, angles, source, angles, new)
    yours, theirs = (
        np.abs(np.asarray(a, dtype=float) - case.truth).mean() for a in (got, uncorrected)
    )
    ask = (
        f"Your `predict_angles` was off by {yours:.1f} degrees on average, on {len(new)} new "
        "pictures. Was the source's own model off by more, or by less? About how far, and why?"
    )
    return ask, f"by {theirs:.1f} degrees: the new laboratory turns all angles by about as much"


def predict_angles(variant, source, angles, few, few_angles, new):
    """Return the source's angles, corrected by the mean of the few labelled differences."""
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit(source, angles)
    return model.predict(new) + (few_angles - model.predict(few)).mean()


_EXAMPLE = np.arange(12.0).reshape(6, 2) ** 1.5
QUESTIONS = (
    Value(
        "kinds",
        points=1,
        hint="Two questions a case: are there labels in the target? If not, in the source?",
        solution=kinds,
    ),
    Function(
        "likeness",
        points=2,
        hint="Shares, not counts: the two domains may differ in size. Target over source.",
        solution=likeness,
        cases=some_categories,
        examples=[(["a", "a", "b", "b"], ["a", "b", "b", "b"]), (["a", "b"], ["b", "c", "c"])],
    ),
    Function(
        "breaks_the_rule",
        points=2,
        hint="Write down for each kind what it may use; whatever else was used breaks the rule.",
        solution=breaks_the_rule,
        cases=some_runs,
        as_set=True,
        examples=[
            (
                [
                    {"name": "b", "kind": "transductive", "used": ["source labels"]},
                    {"name": "a", "kind": "inductive", "used": ["test labels"]},
                ],
            )
        ],
    ),
    Function(
        "predict_angles",
        points=3,
        hint="By how much is the source's model off on each of the eight pictures? What is common "
        "to the eight differences, and what is only noise?",
        solution=predict_angles,
        cases=some_laboratories,
        check=reaches_the_bar,
        talk=beside_the_source,
        examples=[
            (_EXAMPLE, _EXAMPLE.sum(1), _EXAMPLE[:2] + 1, _EXAMPLE[:2].sum(1) + 9, _EXAMPLE[2:])
        ],
    ),
    Text(
        "when_aligning_harms",
        points=2,
        criteria=(
            "1 point: harm, because what differs between the domains is the answer itself",
            "1 point: how to notice: a few labels in the target, or knowledge of where the "
            "difference comes from; not from unlabelled inputs alone",
        ),
    ),
)
