"""Plausible mistakes in exercise 01; each fails its own question."""

AUC = """
pairs = [(s, t) for s in variant["source"] for t in variant["target"]]
auc = {}
"""
NEEDED = """
def labels_needed(sizes, accuracies, bar):
    {}
"""
SHIFTED = """
def shifted_columns(source, target):
    from scipy.stats import ks_2samp, ttest_ind

    return [k for k in range(source.shape[1]) if {}]
"""
DOMAINS = """
def predict_target(source, labels, target):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    {}
    return LogisticRegression(C=0.1, max_iter=200).fit(source, labels).predict(target)
"""

WRONG = {
    "auc": {
        "a tie counts as nothing": AUC.format("sum(t > s for s, t in pairs) / len(pairs)"),
        "a tie counts whole": AUC.format("sum(t >= s for s, t in pairs) / len(pairs)"),
        "the other way round": AUC.format(
            "sum((t < s) + (t == s) / 2 for s, t in pairs) / len(pairs)"
        ),
        "the number of pairs, not their share": AUC.format(
            "sum((t > s) + (t == s) / 2 for s, t in pairs)"
        ),
    },
    "labels_needed": {
        "there once is enough": NEEDED.format(
            "above = np.mean(accuracies, axis=1) >= bar; "
            "return sizes[above.argmax()] if above.any() else None"
        ),
        "above the bar only": NEEDED.format(
            "m = np.mean(accuracies, axis=1); "
            "return next((s for k, s in enumerate(sizes) if (m[k:] > bar).all()), None)"
        ),
        "the best seed": NEEDED.format(
            "m = np.max(accuracies, axis=1); "
            "return next((s for k, s in enumerate(sizes) if (m[k:] >= bar).all()), None)"
        ),
        "the last size where it never arrives": NEEDED.format(
            "m = np.mean(accuracies, axis=1); "
            "return next((s for k, s in enumerate(sizes) if (m[k:] >= bar).all()), sizes[-1])"
        ),
        "the size after the last that is too low": NEEDED.format(
            "m = np.mean(accuracies, axis=1); return sizes[np.flatnonzero(m < bar)[-1] + 1]"
        ),
    },
    "shifted_columns": {
        "means only": SHIFTED.format("ttest_ind(source[:, k], target[:, k]).pvalue < 1e-5"),
        "spreads only": SHIFTED.format("abs(np.log(source.std(0) / target.std(0)))[k] > 0.7"),
        "blind to scale": SHIFTED.format("abs(source.mean(0) - target.mean(0))[k] > 0.5"),
        "one in twenty by chance": SHIFTED.format(
            "ks_2samp(source[:, k], target[:, k]).pvalue < 0.05"
        ),
        "those that did not shift": SHIFTED.format(
            "ks_2samp(source[:, k], target[:, k]).pvalue > 1e-5"
        ),
    },
    "predict_target": {
        "the source's classifier as it is": DOMAINS.format("source, target = source / 1, target"),
        "the source's scaling for both": DOMAINS.format(
            "s = StandardScaler().fit(source); "
            "source, target = s.transform(source), s.transform(target)"
        ),
        "one scaling for all pixels": DOMAINS.format(
            "source, target = ((a - a.mean()) / a.std() for a in (source, target))"
        ),
        "blank pixels become NaN": DOMAINS.format(
            "source, target = ((a - a.mean(0)) / a.std(0) for a in (source, target))"
        ),
    },
}
