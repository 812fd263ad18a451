"""Catastrophic forgetting: four remedies, and what was forgotten, in numbers."""

from cs826tl.studies.forgetting.bookkeeping import in_sequence, ledger
from cs826tl.studies.forgetting.remedies import (
    EWC,
    L2SP,
    Distillation,
    Replay,
    fisher_information,
)

__all__ = ["EWC", "L2SP", "Distillation", "Replay", "fisher_information", "in_sequence", "ledger"]
