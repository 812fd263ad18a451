"""Transfer without target labels: each method against what it must reduce to, or a formula."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from cs826tl.methods.adaptation import (
    DANN,
    Coral,
    LearnedMetric,
    NaiveBayesEM,
    TransductiveSVM,
    blind_pair,
    compare,
    coral,
    reverse_gradient,
    reverse_validation,
)
from cs826tl.methods.adaptation.adversarial import _batches
from cs826tl.methods.adaptation.naive_bayes import _log_prior
from cs826tl.methods.adaptation.pairs import BlindPair, Sealed
from cs826tl.methods.adaptation.semi_supervised import SemiSupervised

SPREADING = LabelSpreading(kernel="knn", n_neighbors=5, alpha=0.5)
METHODS = {
    "self-training": SemiSupervised(SelfTrainingClassifier(LogisticRegression(), threshold=0.9)),
    "EM, counts": NaiveBayesEM(MultinomialNB()),
    "EM, yes and no": NaiveBayesEM(BernoulliNB(binarize=4.0)),
    "TSVM": TransductiveSVM(),
    "propagation": SemiSupervised(LabelPropagation(gamma=1, tol=0.1)),
    "spreading": SemiSupervised(SPREADING),
    "metric": LearnedMetric(SemiSupervised(SPREADING), n_components=1),
    "CORAL": Coral(LogisticRegression()),
    "DANN": DANN(hidden=16, epochs=30),
}


def two_clouds(rows: int = 60, shift: float = 0.0, features: int = 4, seed: int = 0):
    """Return rows of two classes, counts of which the first two tell most, no two rows alike."""
    generator = np.random.default_rng(seed)
    labels = np.arange(rows) % 2
    means = 3 + shift + np.outer(labels, [2.0] * 2 + [0.0] * (features - 2))
    return generator.poisson(means).clip(0, 9) + generator.random(means.shape) / 100, labels


SOURCE, LABELS = two_clouds()
TARGET, TRUTH = two_clouds(80, shift=1.0, seed=1)


@pytest.fixture(params=METHODS, ids=str)
def method(request: pytest.FixtureRequest):
    return clone(METHODS[request.param])


# --- the signature ------------------------------------------------------------------------------


@pytest.mark.slow  # some five hundred of them
@parametrize_with_checks(
    list(METHODS.values()),
    expected_failed_checks=lambda estimator: {
        "check_fit_score_takes_y": "the labels' argument is named y_source, as the rows' X_source",
    },
)
def test_scikit_learns_own_checks(estimator, check) -> None:
    check(estimator)


def test_labels_may_be_words_and_the_target_is_used(method) -> None:
    words = np.array(["no", "yes"])
    numbers = clone(method).fit(SOURCE, LABELS, TARGET).predict(TARGET)
    named = clone(method).fit(SOURCE, words[LABELS], TARGET).predict(TARGET)
    assert (named == words[numbers]).all()
    assert (numbers == TRUTH).mean() > 0.6


def test_a_target_of_other_columns_is_refused(method) -> None:
    with pytest.raises(ValueError, match=r"3 features, but .* is expecting 4 features"):
        method.fit(SOURCE, LABELS, TARGET[:, :3])


def test_a_target_that_is_not_finite_is_refused(method) -> None:
    with pytest.raises(ValueError, match="NaN"):
        method.fit(SOURCE, LABELS, np.where(TARGET > 8, np.nan, TARGET))


def test_sparse_rows_give_what_dense_ones_give(method) -> None:
    if not method._sparse:
        with pytest.raises(TypeError, match="dense data is required"):
            method.fit(csr_matrix(SOURCE), LABELS)
        return
    dense = clone(method).fit(SOURCE, LABELS, TARGET).predict(TARGET)
    method.fit(csr_matrix(SOURCE), LABELS, csr_matrix(TARGET))
    assert (method.predict(csr_matrix(TARGET)) == dense).mean() > 0.97


# --- scikit-learn's own, driven through the signature -------------------------------------------


@pytest.mark.parametrize(
    "estimator",
    [
        SelfTrainingClassifier(LogisticRegression(), threshold=0.8),
        LabelPropagation(gamma=0.5),
        LabelSpreading(gamma=0.5),
        SPREADING,
    ],
)
def test_semi_supervised_is_scikit_learns(estimator) -> None:
    alone = clone(estimator).fit(np.vstack([SOURCE, TARGET]), np.append(LABELS, [-1] * len(TARGET)))
    ours = SemiSupervised(estimator).fit(SOURCE, LABELS, TARGET)
    assert (ours.predict(TARGET) == alone.predict(TARGET)).all()
    assert (ours.estimator_.transduction_ == alone.transduction_).all()


def test_a_source_class_named_minus_one_is_a_class() -> None:
    ours = SemiSupervised(SPREADING).fit(SOURCE, 2 * LABELS - 1, TARGET)
    expected = SemiSupervised(SPREADING).fit(SOURCE, LABELS, TARGET)
    assert (ours.predict(TARGET) == 2 * expected.predict(TARGET) - 1).all()


# --- naive Bayes by EM --------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [MultinomialNB(), MultinomialNB(alpha=0.1), BernoulliNB()])
@pytest.mark.parametrize("weight", [0.1, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_never_falls(estimator, weight: float, seed: int) -> None:
    source, labels = two_clouds(30, features=8, seed=seed)
    target, _ = two_clouds(90, shift=1.0, features=8, seed=seed + 10)
    if isinstance(estimator, BernoulliNB):
        source, target = source > 3, target > 3
    model = NaiveBayesEM(estimator, weight=weight).fit(source.astype(float), labels, target * 1.0)
    values = np.array(model.log_likelihood_)
    assert len(values) >= 3
    assert np.diff(values).min() >= -1e-9 * abs(values[0])
    assert values[-1] > values[0]


def test_the_likelihood_is_the_formulas() -> None:
    model = NaiveBayesEM(MultinomialNB(alpha=0.5), weight=0.3, max_iter=1)
    model.fit(SOURCE, LABELS, TARGET)
    start = MultinomialNB(alpha=0.5).fit(SOURCE, LABELS)
    theta, prior = np.exp(start.feature_log_prob_), np.exp(start.class_log_prior_)
    known = sum(
        np.log(prior[y]) + x @ np.log(theta[y]) for x, y in zip(SOURCE, LABELS, strict=True)
    )
    heap = sum(
        np.log(sum(prior[k] * np.exp(x @ np.log(theta[k])) for k in range(2))) for x in TARGET
    )
    expected = known + 0.3 * heap + 0.5 * np.log(theta).sum()
    assert model.log_likelihood_[0] == pytest.approx(expected)


def test_the_prior_of_yes_and_no_counts_both() -> None:
    model = BernoulliNB(alpha=2).fit(SOURCE > 3, LABELS)
    chances = np.exp(model.feature_log_prob_)
    assert _log_prior(model) == pytest.approx(2 * np.log(chances * (1 - chances)).sum())


def test_one_round_fits_to_the_probabilities() -> None:
    start = MultinomialNB().fit(SOURCE, LABELS)
    chance = start.predict_proba(TARGET)
    counts = np.eye(2)[LABELS].T @ SOURCE + chance.T @ TARGET + 1
    model = NaiveBayesEM(MultinomialNB(), max_iter=1).fit(SOURCE, LABELS, TARGET)
    expected = np.log(counts / counts.sum(1, keepdims=True))
    assert model.estimator_.feature_log_prob_ == pytest.approx(expected)


def test_without_weight_it_is_naive_bayes() -> None:
    ours = NaiveBayesEM(MultinomialNB(), weight=0).fit(SOURCE, LABELS, TARGET)
    assert (ours.predict(TARGET) == MultinomialNB().fit(SOURCE, LABELS).predict(TARGET)).all()


def test_another_model_or_weight_is_refused() -> None:
    with pytest.raises(ValueError, match=r"GaussianNB\(\): give MultinomialNB"):
        NaiveBayesEM(GaussianNB()).fit(SOURCE, LABELS, TARGET)
    with pytest.raises(ValueError, match="weight=2: a target row counts from 0 to 1"):
        NaiveBayesEM(MultinomialNB(), weight=2).fit(SOURCE, LABELS, TARGET)


# --- the transductive SVM -----------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 3])
def test_at_zero_weight_it_is_the_linear_svm(classes: int) -> None:
    labels = np.arange(len(SOURCE)) % classes
    ours = TransductiveSVM(C=0.1, weight=0).fit(SOURCE, labels, TARGET)
    svm = LinearSVC(C=0.1, random_state=0, max_iter=5000).fit(SOURCE, labels)
    assert (ours.predict(TARGET) == svm.predict(TARGET)).all()
    weights = np.concatenate([machine.coef_ for machine in ours.machines_])
    assert weights == pytest.approx(svm.coef_, abs=1e-3)


def objective(svm: LinearSVC, guess: np.ndarray, C: float, weight: float) -> float:
    """Return half the squared norm, the bias included, and the squared hinges."""
    rows, signs = np.vstack([SOURCE, TARGET]), 2 * np.append(LABELS, guess) - 1
    hinges = np.maximum(0, 1 - signs * svm.decision_function(rows)) ** 2
    costs = C * np.repeat([1.0, weight], [len(SOURCE), len(TARGET)])
    return (svm.coef_**2).sum() / 2 + (svm.intercept_**2).sum() / 2 + costs @ hinges


def test_its_labels_are_the_best_that_its_boundary_can_have() -> None:
    model = TransductiveSVM(C=0.1, weight=2.0).fit(SOURCE, LABELS, TARGET)
    (svm,) = model.machines_
    scores = svm.decision_function(TARGET)
    settled = np.argsort(np.argsort(-scores)) < round(LABELS.mean() * len(TARGET))
    found = objective(svm, settled, 0.1, 2.0)
    for k in np.flatnonzero(settled):  # no exchange of two labels makes it smaller
        for j in np.flatnonzero(~settled):
            other = settled.copy()
            other[[k, j]] = False, True
            assert objective(svm, other, 0.1, 2.0) >= found - 1e-9
    again = LinearSVC(C=0.1, random_state=0, max_iter=5000).fit(
        np.vstack([SOURCE, TARGET]), np.append(LABELS == 1, settled),
        sample_weight=np.repeat([1.0, 2.0], [len(SOURCE), len(TARGET)]),
    )  # fmt: skip
    assert again.coef_ == pytest.approx(svm.coef_, abs=1e-3)  # and no other boundary


def test_as_many_are_positive_as_in_the_source() -> None:
    many = np.repeat([0, 1], [15, 45])
    model = TransductiveSVM(weight=100.0).fit(SOURCE, many, TARGET)
    assert model.predict(TARGET).mean() == pytest.approx(0.75, abs=0.05)


def settled(source, labels, target, weights: tuple[float, ...]) -> np.ndarray:
    """Return the target's labels after the target has counted each of `weights` in turn."""
    svm = LinearSVC(random_state=0, max_iter=5000)
    number = round(labels.mean() * len(target))
    found = np.argsort(np.argsort(-svm.fit(source, labels).decision_function(target))) < number
    for weight in weights:
        for _ in range(10):
            before, counts = found, np.repeat([1.0, weight], [len(source), len(target)])
            svm.fit(np.vstack([source, target]), np.append(labels, before), sample_weight=counts)
            found = np.argsort(np.argsort(-svm.decision_function(target))) < number
            if (found == before).all():
                break
    return svm.predict(target)


def test_the_target_counts_more_and_more() -> None:
    generator, centres = np.random.default_rng(58), np.array([[0, 0], [3, 0]])
    labels = np.arange(20) % 2
    source = centres[labels] + generator.normal(size=(20, 2))
    target = centres[np.arange(80) % 2] + [1.5, 1] + generator.normal(size=(80, 2))
    model = TransductiveSVM(weight=1.0).fit(source, labels, target)
    slowly = settled(source, labels, target, (0.01, 0.1, 1.0))
    assert (model.predict(target) == slowly).all()
    assert (slowly != settled(source, labels, target, (1.0,))).sum() > 5  # on these rows it matters


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="weight=-1"):
        TransductiveSVM(weight=-1).fit(SOURCE, LABELS, TARGET)


# --- correlation alignment ----------------------------------------------------------------------


def test_alignment_equalises_means_and_covariances() -> None:
    generator = np.random.default_rng(0)
    source, target = (
        generator.normal(size=(200, 5)) @ generator.normal(size=(5, 5)) + generator.normal(size=5)
        for _ in range(2)
    )
    aligned = coral(source, target)
    assert np.cov(aligned.T) == pytest.approx(np.cov(target.T))
    assert aligned.mean(0) == pytest.approx(target.mean(0))


def test_with_a_ridge_it_is_the_papers_formula() -> None:
    spread = [np.cov(rows.T) + 2 * np.eye(4) for rows in (SOURCE, TARGET)]
    (a, u), (b, v) = (np.linalg.eigh(matrix) for matrix in spread)
    transform = u @ np.diag(a**-0.5) @ u.T @ v @ np.diag(b**0.5) @ v.T
    expected = (SOURCE - SOURCE.mean(0)) @ transform + TARGET.mean(0)
    assert coral(SOURCE, TARGET, ridge=2) == pytest.approx(expected)


def test_columns_without_spread_do_no_harm() -> None:
    source, target = (np.hstack([rows, np.ones((len(rows), 2))]) for rows in (SOURCE, TARGET))
    aligned = coral(source, target)
    assert np.isfinite(aligned).all()
    assert aligned[:, 4:] == pytest.approx(1.0)
    assert aligned[:, :4] == pytest.approx(coral(SOURCE, TARGET))


def test_coral_fits_to_the_aligned_source() -> None:
    ours = Coral(LogisticRegression(), ridge=0.5).fit(SOURCE, LABELS, TARGET)
    plain = LogisticRegression().fit(coral(SOURCE, TARGET, ridge=0.5), LABELS)
    assert (ours.predict(TARGET) == plain.predict(TARGET)).all()


# --- the learned metric -------------------------------------------------------------------------


def test_the_metric_is_scikit_learns() -> None:
    nca = NeighborhoodComponentsAnalysis(2, init="pca", max_iter=30, random_state=0)
    nca.fit(SOURCE, LABELS)
    there = SemiSupervised(SPREADING).fit(nca.transform(SOURCE), LABELS, nca.transform(TARGET))
    ours = LearnedMetric(SemiSupervised(SPREADING), n_components=2).fit(SOURCE, LABELS, TARGET)
    assert (ours.predict(TARGET) == there.predict(nca.transform(TARGET))).all()


# --- domain-adversarial training ----------------------------------------------------------------


def test_the_gradient_is_turned_round() -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(5, 3, generator=generator, dtype=torch.double)
    weights = torch.randn(3, generator=generator, dtype=torch.double)

    def loss(codes: torch.Tensor) -> torch.Tensor:
        return (codes @ weights).sigmoid().square().sum()

    codes = start.clone().requires_grad_()
    loss(reverse_gradient(codes, 0.7)).backward()
    small = 1e-6
    for place in [(0, 0), (3, 2)]:  # finite differences of the plain loss
        moved = [start.clone(), start.clone()]
        moved[0][place] += small
        moved[1][place] -= small
        slope = (loss(moved[0]) - loss(moved[1])) / (2 * small)
        assert codes.grad[place] == pytest.approx(-0.7 * float(slope), abs=1e-7)
    assert torch.equal(reverse_gradient(start, 0.7), start)


def test_without_strength_the_target_changes_nothing() -> None:
    model = DANN(strength=0.0, epochs=5)
    moved = TARGET * SOURCE.std(0) / TARGET.std(0)  # so that the scaling is nearly the same
    with_target = clone(model).fit(SOURCE, LABELS, SOURCE[::-1])
    alone = clone(model).fit(SOURCE, LABELS)
    assert torch.allclose(with_target.encoder_[0].weight, alone.encoder_[0].weight, atol=1e-5)
    assert (with_target.predict(moved) == alone.predict(moved)).all()


def test_the_strength_confuses_the_critic() -> None:
    """Column 0 holds the class, column 1 the domain: the codes need only drop the latter."""
    generator = np.random.default_rng(0)
    labels = np.arange(300) % 2
    source, target = generator.normal(size=(2, 300, 2)) + np.array([[[0, 0]], [[0, 3]]])
    source[:, 0] += 4 * labels
    target[:, 0] += 4 * labels
    told = {}
    for strength in (0.0, 1.0):
        model = DANN(8, strength=strength, epochs=60).fit(source, labels, target)
        told[strength] = np.mean(model.critic_accuracy_[-10:])
        assert model.score(target, labels) > 0.9
    assert told[0.0] > 0.9
    assert told[1.0] < 0.75


def test_the_strength_grows_as_in_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ganin et al. 2016, section 5.2.2: 2 / (1 + exp(-10 p)) - 1, where p goes from 0 to 1."""
    strengths: list[float] = []
    criticise = DANN._criticise

    def recording(self: DANN, source, target, strength: float):
        strengths.append(strength)
        return criticise(self, source, target, strength)

    monkeypatch.setattr(DANN, "_criticise", recording)
    DANN(strength=0.5, epochs=4, batch_size=20).fit(SOURCE, LABELS, TARGET)
    steps = 4 * -(-len(SOURCE) // 20)
    progress = np.arange(steps) / steps
    assert strengths == pytest.approx(0.5 * (2 / (1 + np.exp(-10 * progress)) - 1))


def test_dann_draws_its_own_numbers_only() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = DANN(epochs=2).fit(SOURCE, LABELS, TARGET)
    assert torch.equal(torch.rand(3), expected)
    second = DANN(epochs=2).fit(SOURCE, LABELS, TARGET)
    assert torch.equal(first.head_.weight, second.head_.weight)
    other = DANN(epochs=2, random_state=1).fit(SOURCE, LABELS, TARGET)
    assert not torch.equal(first.head_.weight, other.head_.weight)


def test_batches_hold_every_row_once_a_round() -> None:
    drawn = _batches(10, 4, seed=0)
    rounds = [torch.cat([next(drawn) for _ in range(3)]).tolist() for _ in range(2)]
    assert [sorted(rows) for rows in rounds] == [list(range(10))] * 2
    assert rounds[0] != rounds[1]


# --- pairs whose target labels are sealed -------------------------------------------------------


class Untouchable:
    """Labels that nobody may look at."""

    def _caught(self, *_args, **_named):
        raise AssertionError("somebody touched the target's labels")

    __array__ = __getitem__ = __iter__ = __len__ = __eq__ = __bool__ = _caught
    __getattr__ = _caught
    __hash__ = None


def blind(sealed: Sealed | None = None) -> BlindPair:
    return BlindPair(
        "clouds", ("a", "b"), SOURCE, LABELS, TARGET, sealed or Sealed(TRUTH, TARGET, TRUTH)
    )


def test_no_method_reaches_a_target_label_before_the_score(method) -> None:
    """The target's labels, and all of its test rows, raise as soon as anything looks at them."""
    pair = blind(Sealed(Untouchable(), Untouchable(), Untouchable()))
    pair.source_only(method)
    model = pair.adapted(method)
    with pytest.raises(AssertionError, match="somebody touched"):
        pair.score(model)
    with pytest.raises(AssertionError, match="somebody touched"):
        pair.target_trained(method)
    assert 0 <= reverse_validation(method, pair) <= 1


def test_features_are_fitted_without_the_test_rows() -> None:
    pair = blind().through(StandardScaler())
    both = np.vstack([SOURCE, TARGET])
    assert pair.X_source == pytest.approx((SOURCE - both.mean(0)) / both.std(0))
    far = blind(Sealed(TRUTH, TARGET + 1000, TRUTH)).through(StandardScaler())
    assert (far.X_source == pair.X_source).all()
    assert (far.sealed.test_inputs > 100).all()


def test_the_table_holds_three_accuracies_of_the_same_method(method) -> None:
    table = compare({"it": method}, blind())
    expected = [
        clone(method).fit(SOURCE, LABELS).score(TARGET, TRUTH),
        clone(method).fit(SOURCE, LABELS, TARGET).score(TARGET, TRUTH),
        clone(method).fit(TARGET, TRUTH).score(TARGET, TRUTH),
    ]
    assert table.loc["it"].tolist() == expected


def test_a_part_of_the_target_is_a_part() -> None:
    pair = blind().with_target(30, seed=1)
    assert len(pair.X_target) == len(pair.sealed.train_labels) == 30
    there = [np.flatnonzero(np.equal(TARGET, row).all(1)) for row in pair.X_target]
    assert all(
        label in TRUTH[rows] for rows, label in zip(there, pair.sealed.train_labels, strict=True)
    )
    with pytest.raises(ValueError, match="there are 1 to 80 target rows"):
        blind().with_target(81)


def test_at_home_the_labelled_and_the_other_rows_share_out_the_target() -> None:
    pair = blind().at_home(3, seed=1)
    assert np.bincount(pair.y_source).tolist() == [3, 3]
    rows = np.concatenate([pair.X_source, pair.X_target])
    labels = np.concatenate([pair.y_source, pair.sealed.train_labels])
    expected, found = (
        sorted(map(tuple, np.column_stack(both))) for both in ((TARGET, TRUTH), (rows, labels))
    )
    assert found == expected  # every row once, with its own label
    with pytest.raises(ValueError, match="shots=0: must be 1 to"):
        blind().at_home(0)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_shares_are_what_was_asked_for(share: float) -> None:
    pair = blind().with_shares([1 - share, share])
    for labels in (pair.sealed.train_labels, pair.sealed.test_labels):
        assert labels.mean() == pytest.approx(share, abs=0.02)
        assert len(labels) == pytest.approx(40 / max(share, 1 - share), abs=1)
    assert len(pair.X_target) == len(pair.sealed.train_labels)
    with pytest.raises(ValueError, match="3 shares for 2 classes"):
        blind().with_shares([0.2, 0.3, 0.5])


def test_texts_can_be_drawn_and_counted() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    texts = tuple(f"{'good' if y else 'bad'} number{k}" for k, y in enumerate(TRUTH))
    pair = BlindPair("texts", ("bad", "good"), texts, TRUTH, texts, Sealed(TRUTH, texts, TRUTH))
    few = pair.with_target(20).with_shares([0.5, 0.5])
    assert all(
        ("good" in t) == y for t, y in zip(few.X_target, few.sealed.train_labels, strict=True)
    )
    counted = few.through(CountVectorizer())
    assert counted.score(counted.adapted(NaiveBayesEM(MultinomialNB()))) == 1.0


@pytest.mark.parametrize("name", ["digits", "opinions"])
def test_a_pair_is_drawn_by_its_seed_and_has_the_same_target(name: str) -> None:
    first, again, other = (blind_pair(name, shots=20, seed=seed) for seed in (0, 0, 1))
    for shown in (first, other):
        counts = np.bincount(shown.y_source)
        assert counts.tolist() == [20] * len(first.classes)
    assert np.array_equal(first.X_source, again.X_source)
    assert not np.array_equal(first.X_source, other.X_source)
    assert np.array_equal(first.X_target, other.X_target)
    assert np.array_equal(first.sealed.test_labels, other.sealed.test_labels)


def test_the_digits_are_those_of_the_task() -> None:
    from cs826tl import load_task

    pair, uci = blind_pair("digits"), load_task("digits")
    assert pair.X_target == pytest.approx(uci.train.inputs.flatten(1).numpy() / 255)
    assert (pair.sealed.train_labels == uci.train.labels.numpy()).all()
    assert len(pair.sealed.test_labels) == len(uci.validation) + len(uci.test)


def test_another_pair_and_too_many_shots_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no pair named 'opinion'\. Did you mean 'opinions'"):
        blind_pair("opinion")
    with pytest.raises(ValueError, match="shots=99999: there are 1 to"):
        blind_pair("opinions", shots=99999)
    for name in ("digits", "opinions"):
        with pytest.raises(ValueError, match="shots=0: "):
            blind_pair(name, shots=0)


def test_reverse_validation_goes_there_and_back() -> None:
    """A target that is the source's mirror image brings nothing home."""
    pair = blind()
    assert reverse_validation(METHODS["CORAL"], pair) > 0.7
    noise = np.random.default_rng(0).poisson(3, TARGET.shape).astype(float)
    lost = BlindPair("noise", ("a", "b"), SOURCE, LABELS, noise, pair.sealed)
    assert reverse_validation(METHODS["CORAL"], lost) < reverse_validation(METHODS["CORAL"], pair)


class Contrary(BaseEstimator):
    """Learn, and then say the opposite."""

    def fit(self, rows, labels, target=None) -> "Contrary":
        self.model_ = LogisticRegression().fit(rows, labels)
        return self

    def predict(self, rows) -> np.ndarray:
        return 1 - self.model_.predict(rows)


def test_reverse_validation_misses_a_mistake_that_is_undone_on_the_way_back() -> None:
    assert reverse_validation(Contrary(), blind()) > 0.7  # the opposite of the opposite


def test_a_learned_metric_is_the_same_in_every_run() -> None:
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(601, 64)), np.arange(601) % 3  # PCA is solved at random here
    found = []
    for seed in (1, 2):
        np.random.seed(seed)  # what scikit-learn falls back to
        metric = LearnedMetric(SemiSupervised(SPREADING), n_components=8, max_iter=2)
        found.append(metric.fit(rows, labels, rows).metric_.components_)
    assert np.array_equal(*found)
