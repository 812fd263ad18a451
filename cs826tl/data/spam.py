"""Mail to one person, and which words only that person's mail has [C17]."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cs826tl.assets.cache import asset_path

WORDS = (
    *("make", "address", "all", "3d", "our", "over", "remove", "internet", "order", "mail"),
    *("receive", "will", "people", "report", "addresses", "free", "business", "email", "you"),
    *("credit", "your", "font", "000", "money", "hp", "hpl", "george", "650", "lab", "labs"),
    *("telnet", "857", "data", "415", "85", "technology", "1999", "parts", "pm", "direct", "cs"),
    *("meeting", "original", "project", "re", "edu", "table", "conference"),
)
SIGNS = (";", "(", "[", "!", "$", "#")
CAPITALS = ("capitals_mean", "capitals_longest", "capitals_total")
PERSONAL = ("george", "hp", "hpl", "lab", "labs", "650", "857", "415")
GENERAL = tuple(name for name in (*WORDS, *SIGNS, *CAPITALS) if name not in PERSONAL)
SPAM = "spam"

PLACES = (0, 0, 0, 1, 2)  # of every five mails three train, one validates, one tests


@dataclass(frozen=True, eq=False)
class Mail:
    """One person's mail in three splits: one row each, 57 features by name, and `spam`, 0 or 1."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame

    def __repr__(self) -> str:
        sizes = f"{len(self.train)} train, {len(self.validation)} validation, {len(self.test)} test"
        return f"Mail: {sizes}; from Spambase"


def load_mail() -> Mail:
    """Load Spambase: work and private mail filed at Hewlett-Packard Labs, 1999, and spam [C17].

    Words and signs are in percent of a message's words and characters; `capitals_mean`,
    `capitals_longest` and `capitals_total` are lengths of runs of capital letters. Eight words,
    this module's `PERSONAL`, are the name, the employer and the telephone number of George Forman,
    who gave the data: a filter for everyone cannot use them, and must be blinded to them
    (Hopkins et al. 1999, doi:10.24432/C53G6X). The other columns are `GENERAL`.

    A message counts once, though the file holds some several times; if equal messages are both
    spam and not, the first counts. Three of every five are for training, one for
    validation, one for testing. The pitfall: messages that differ in a single number may be in two
    splits.

    Raises `AssetMissing` if `spam_and_intrusion` is not fetched yet.

    >>> load_mail()
    Mail: 2523 train, 840 validation, 840 test; from Spambase
    """
    features = (*WORDS, *SIGNS, *CAPITALS)
    file = asset_path("spam_and_intrusion") / "spambase.dat"
    table = pd.read_csv(file, header=None, names=[*features, SPAM], skipinitialspace=True)
    table = table.drop_duplicates(list(features), ignore_index=True)
    place = pd.Series([PLACES[row % len(PLACES)] for row in range(len(table))])
    return Mail(*(table[place == k].reset_index(drop=True) for k in range(3)))
