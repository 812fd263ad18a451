"""Catastrophic forgetting: four remedies, and the ledger of who forgot what."""

from cs826tl.studies.forgetting.bookkeeping import ledger
from cs826tl.studies.forgetting.remedies import (
    EWC,
    L2SP,
    Distillation,
    Replay,
    fisher_information,
)

__all__ = ["EWC", "L2SP", "Distillation", "Replay", "fisher_information", "ledger"]
