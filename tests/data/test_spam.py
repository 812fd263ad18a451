"""Spambase: against what UCI says of it, and what no split may know."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cs826tl.assets.cache import AssetMissing, asset_path, is_available
from cs826tl.data import load_mail
from cs826tl.data.spam import CAPITALS, GENERAL, PERSONAL, SIGNS, SPAM, WORDS, Mail

if not is_available("spam_and_intrusion"):
    pytest.skip("spam_and_intrusion is not fetched", allow_module_level=True)

FEATURES = [*WORDS, *SIGNS, *CAPITALS]


@pytest.fixture(scope="module")
def mail() -> Mail:
    return load_mail()


@pytest.fixture(scope="module")
def everything(mail: Mail) -> pd.DataFrame:
    return pd.concat([mail.train, mail.validation, mail.test])


def file() -> np.ndarray:
    """Read the file with another reader."""
    return np.loadtxt(asset_path("spam_and_intrusion") / "spambase.dat", delimiter=",")


def test_the_file_is_uci_s_without_four_of_its_4601_rows() -> None:
    table = file()  # UCI: 4601 rows, 57 features, 1813 spam = 39.4 %
    assert table.shape == (4597, 58)
    assert table[:, 57].sum() == 1812


def test_every_mail_of_the_file_is_there_once(everything: pd.DataFrame) -> None:
    theirs = {tuple(row) for row in file()[:, :57].tolist()}
    ours = [tuple(row) for row in everything[FEATURES].to_numpy().tolist()]
    assert len(ours) == len(set(ours)) == 4203
    assert set(ours) == theirs


def test_labels_are_those_of_the_first_row_alike(everything: pd.DataFrame) -> None:
    first: dict[tuple[float, ...], float] = {}
    for *row, label in file().tolist():
        first.setdefault(tuple(row), label)
    for *row, label in everything[[*FEATURES, SPAM]].to_numpy().tolist():
        assert first[tuple(row)] == label


def test_splits_are_60_20_20_with_the_same_share_of_spam(mail: Mail) -> None:
    splits = [mail.train, mail.validation, mail.test]
    assert [len(split) for split in splits] == [2523, 840, 840]
    for split in splits:
        assert split[SPAM].mean() == pytest.approx(0.4, abs=0.01)
        assert list(split.index) == list(range(len(split)))


def test_columns_have_the_names_of_uci_s_documentation(everything: pd.DataFrame) -> None:
    """Its means, to the digits it gives: of `word_freq_make`, `…_george`, `char_freq_!`, and runs.

    They are of all 4601 rows, copies too, so they are compared with the file.
    """
    means = dict(zip(FEATURES, file()[:, :57].mean(axis=0), strict=True))
    said = {"make": 0.10455, "3d": 0.065425, "hp": 0.5495, "george": 0.76731, "650": 0.12484}
    said |= {"conference": 0.031869, ";": 0.038575, "!": 0.26907, "#": 0.044238}
    said |= {"capitals_mean": 5.1915, "capitals_longest": 52.173, "capitals_total": 283.29}
    for name, mean in said.items():
        assert means[name] == pytest.approx(mean, rel=0.005), name
    assert len(FEATURES) == len(set(FEATURES)) == 57
    assert list(everything.columns) == [*FEATURES, SPAM]


def test_personal_words_are_of_good_mail_and_general_ones_are_the_rest(
    everything: pd.DataFrame,
) -> None:
    assert sorted([*PERSONAL, *GENERAL]) == sorted(FEATURES)
    seen = everything[list(PERSONAL)].gt(0).groupby(everything[SPAM]).mean()
    assert (seen.loc[0] > 3 * seen.loc[1]).all()


def test_what_is_not_fetched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    with pytest.raises(AssetMissing, match="cs826tl fetch spam_and_intrusion"):
        load_mail()
