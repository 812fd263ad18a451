"""Controls to play with: thin views in JavaScript over plain controllers in Python."""

from cs826tl.widgets.alarm_explorer import alarm_explorer
from cs826tl.widgets.controls import (
    Choice,
    File,
    Handle,
    Number,
    Press,
    Progress,
    Table,
    View,
    Words,
)
from cs826tl.widgets.depth_probe import depth_probe
from cs826tl.widgets.explorer import Explorer
from cs826tl.widgets.freezing_panel import FreezingPanel, freezing_panel
from cs826tl.widgets.guess import Guess, guess
from cs826tl.widgets.imagenet_explorer import imagenet_explorer
from cs826tl.widgets.kind_sorter import kind_sorter
from cs826tl.widgets.method_comparer import method_comparer
from cs826tl.widgets.multitask_explorer import multitask_explorer
from cs826tl.widgets.quiz import Quiz, quiz
from cs826tl.widgets.scenario_map import scenario_map
from cs826tl.widgets.schedule_designer import schedule_designer
from cs826tl.widgets.shift_explorer import shift_explorer
from cs826tl.widgets.spreading_explorer import spreading_explorer
from cs826tl.widgets.surprises import Surprises, surprises
from cs826tl.widgets.text_probe import text_probe

__all__ = [
    "Choice",
    "Explorer",
    "File",
    "FreezingPanel",
    "Guess",
    "Handle",
    "Number",
    "Press",
    "Progress",
    "Quiz",
    "Surprises",
    "Table",
    "View",
    "Words",
    "alarm_explorer",
    "depth_probe",
    "freezing_panel",
    "guess",
    "imagenet_explorer",
    "kind_sorter",
    "method_comparer",
    "multitask_explorer",
    "quiz",
    "scenario_map",
    "schedule_designer",
    "shift_explorer",
    "spreading_explorer",
    "surprises",
    "text_probe",
]
