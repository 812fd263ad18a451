"""Freezing, plans, codes that are computed once, `fit`, and what training cost."""

from cs826tl.training.adapters import add_lora, merge_lora, task_state
from cs826tl.training.auditing import audit, snapshot
from cs826tl.training.codes import clear_codes, encode, pooled
from cs826tl.training.costs import predict_cost, stage_seconds
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze, train_mode, trainable_table, unfreeze
from cs826tl.training.gradients import gradient_cosines
from cs826tl.training.loop import Training
from cs826tl.training.optimizers import param_groups
from cs826tl.training.plans import Plan
from cs826tl.training.probes import encode_task, linear_probe, probe_depths
from cs826tl.training.schedules import discriminative_rates, slanted_triangular, ulmfit_plan

__all__ = [
    "Plan",
    "Training",
    "add_lora",
    "audit",
    "clear_codes",
    "discriminative_rates",
    "encode",
    "encode_task",
    "evaluate",
    "fit",
    "freeze",
    "gradient_cosines",
    "linear_probe",
    "merge_lora",
    "param_groups",
    "pooled",
    "predict_cost",
    "probe_depths",
    "slanted_triangular",
    "snapshot",
    "stage_seconds",
    "task_state",
    "train_mode",
    "trainable_table",
    "ulmfit_plan",
    "unfreeze",
]
