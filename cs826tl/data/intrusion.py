"""Attacks on a network by their type: scans and floods, and break-ins [C17]."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cs826tl.assets.cache import asset_path

CATEGORIES = ("protocol_type", "service", "flag")
FEATURES = (
    *("duration", *CATEGORIES, "src_bytes", "dst_bytes", "land", "wrong_fragment", "urgent"),
    *("hot", "num_failed_logins", "logged_in", "num_compromised", "root_shell", "su_attempted"),
    *("num_root", "num_file_creations", "num_shells", "num_access_files", "num_outbound_cmds"),
    *("is_host_login", "is_guest_login", "count", "srv_count", "serror_rate", "srv_serror_rate"),
    *("rerror_rate", "srv_rerror_rate", "same_srv_rate", "diff_srv_rate", "srv_diff_host_rate"),
    *("dst_host_count", "dst_host_srv_count", "dst_host_same_srv_rate", "dst_host_diff_srv_rate"),
    *("dst_host_same_src_port_rate", "dst_host_srv_diff_host_rate", "dst_host_serror_rate"),
    *("dst_host_srv_serror_rate", "dst_host_rerror_rate", "dst_host_srv_rerror_rate"),
)
NUMBERS = tuple(name for name in FEATURES if name not in CATEGORIES)
BREAK_INS = ("guess_passwd", "buffer_overflow", "imap", "rootkit")
SCANS = ("back", "satan", "portsweep", "land")

# A file holds two types: first the one that it calls positive, then the one it calls negative.
FILES = {
    "kddcup-buffer_overflow_vs_back.dat": ("buffer_overflow", "back"),
    "kddcup-guess_passwd_vs_satan.dat": ("guess_passwd", "satan"),
    "kddcup-land_vs_portsweep.dat": ("land", "portsweep"),
    "kddcup-land_vs_satan.dat": ("land", "satan"),
    "kddcup-rootkit-imap_vs_back.dat": ("rootkit", "back"),
}


def load_intrusions() -> pd.DataFrame:
    """Load connections of eight types of attack: one row each, 41 features and `type` [C17].

    Out of KDD Cup 1999 (doi:10.24432/C51C7N). Four types, this module's `BREAK_INS`, get into a
    machine; the other four, `SCANS`, search it or flood it. There is **no normal traffic**.
    One file calls two types by one name: those on the service `imap4` are `imap`.

    Equal connections count once, within a file and between files. Most of KDD's are copies, which
    would stand in training and in test (Tavallaee et al. 2009, doi:10.1109/CISDA.2009.5356528).
    The pitfall: connections of one attack may still differ by little. To test on attacks that
    nobody has seen, leave out whole types, not rows.

    Raises `AssetMissing` if `spam_and_intrusion` is not fetched yet.

    >>> load_intrusions()["type"].value_counts()[["back", "guess_passwd", "rootkit"]].tolist()
    [968, 53, 10]
    """
    folder = asset_path("spam_and_intrusion")
    table = pd.concat([_read(folder / name, *types) for name, types in FILES.items()])
    return table.drop_duplicates(ignore_index=True)


def _read(file: Path, positive: str, negative: str) -> pd.DataFrame:
    """Return the connections of a file, each with its type."""
    table = pd.read_csv(file, header=None, names=[*FEATURES, "type"], skipinitialspace=True)
    table["type"] = table["type"].map({"positive": positive, "negative": negative})
    table.loc[table["service"].eq("imap4") & table["type"].eq("rootkit"), "type"] = "imap"
    return table
