"""KDD's attacks: against the numbers that KDD gives of each type, and without copies."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from cs826tl.assets.cache import AssetMissing, asset_path, is_available
from cs826tl.data import load_intrusions
from cs826tl.data.intrusion import BREAK_INS, CATEGORIES, FEATURES, FILES, NUMBERS, SCANS

if not is_available("spam_and_intrusion"):
    pytest.skip("spam_and_intrusion is not fetched", allow_module_level=True)

# Connections of each type in KDD's tenth (`kddcup.data_10_percent`), copies among them.
IN_KDD = {
    **{"guess_passwd": 53, "buffer_overflow": 30, "imap": 12, "rootkit": 10},
    **{"back": 2203, "satan": 1589, "portsweep": 1040, "land": 21},
}


@pytest.fixture(scope="module")
def attacks() -> pd.DataFrame:
    return load_intrusions()


def rows() -> dict[str, list[tuple[str, ...]]]:
    """Read the files with another reader; connections by their type, as often as a file has them.

    Types that stand in two files stand there alike: the first is taken.
    """
    found: dict[str, list[tuple[str, ...]]] = {}
    for name, types in FILES.items():
        here: dict[str, list[tuple[str, ...]]] = {}
        with (asset_path("spam_and_intrusion") / name).open(newline="") as file:
            for *values, label in csv.reader(file, skipinitialspace=True):
                kind = types[label.strip() == "negative"]
                kind = "imap" if kind == "rootkit" and values[2] == "imap4" else kind
                here.setdefault(kind, []).append(tuple(values))
        for kind, connections in here.items():
            assert sorted(found.setdefault(kind, connections)) == sorted(connections)
    return found


def test_the_files_hold_as_many_of_each_type_as_kdd() -> None:
    assert {kind: len(connections) for kind, connections in rows().items()} == IN_KDD


def test_every_connection_is_there_once(attacks: pd.DataFrame) -> None:
    counts = {kind: len(set(connections)) for kind, connections in rows().items()}
    assert attacks["type"].value_counts().to_dict() == counts
    assert not attacks.duplicated().any()
    assert not attacks.drop(columns="type").duplicated().any()  # nor under two types


def test_types_are_break_ins_or_scans(attacks: pd.DataFrame) -> None:
    assert set(attacks["type"]) == {*BREAK_INS, *SCANS} == set(IN_KDD)
    assert "normal" not in set(attacks["type"])


def test_columns_hold_what_their_names_say(attacks: pd.DataFrame) -> None:
    assert list(attacks.columns) == [*FEATURES, "type"]
    assert len(FEATURES) == 41
    assert set(attacks["protocol_type"]) == {"tcp", "udp", "icmp"}
    assert {"http", "telnet", "imap4", "private"} <= set(attacks["service"])
    assert {"SF", "S0", "REJ"} <= set(attacks["flag"])
    assert all(pd.api.types.is_numeric_dtype(attacks[name]) for name in NUMBERS)
    assert set(CATEGORIES) | set(NUMBERS) == set(FEATURES)
    rates = [name for name in FEATURES if name.endswith("_rate")]
    assert len(rates) == 15
    assert attacks[rates].min().min() >= 0
    assert attacks[rates].max().max() <= 1
    assert attacks.query("type == 'land'")["land"].eq(1).all()  # what the attack is named after
    assert attacks.query("type != 'land'")["land"].eq(0).all()
    assert attacks.query("type == 'guess_passwd'")["num_failed_logins"].mean() > 0.5
    assert attacks.query("type == 'back'")["service"].eq("http").all()


def test_what_is_not_fetched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    with pytest.raises(AssetMissing, match="cs826tl fetch spam_and_intrusion"):
        load_intrusions()
