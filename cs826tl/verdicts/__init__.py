"""What was measured, held to bars: checks, verdicts, and the seeds that they rest on."""

from cs826tl.verdicts.cards import card
from cs826tl.verdicts.checks import Check
from cs826tl.verdicts.published import published_scores
from cs826tl.verdicts.records import over_seeds, recorded_table
from cs826tl.verdicts.tables import NumberTable
from cs826tl.verdicts.verdict import Findings, Verdict

__all__ = [
    "Check",
    "Findings",
    "NumberTable",
    "Verdict",
    "card",
    "over_seeds",
    "published_scores",
    "recorded_table",
]
