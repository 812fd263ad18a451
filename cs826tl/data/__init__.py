"""Tasks on real data: labelled inputs in three splits, and where each comes from."""

from cs826tl.data.intrusion import load_intrusions
from cs826tl.data.loading import few_shot, load_folder, load_pair, load_task
from cs826tl.data.questions import ask, relabel, slant
from cs826tl.data.reviews import load_reviews
from cs826tl.data.spam import load_mail
from cs826tl.data.tasks import Split, Task

__all__ = [
    "Split",
    "Task",
    "ask",
    "few_shot",
    "load_folder",
    "load_intrusions",
    "load_mail",
    "load_pair",
    "load_reviews",
    "load_task",
    "relabel",
    "slant",
]
