"""Controls to play with: thin views in JavaScript over plain controllers in Python."""

from cs826tl.widgets.adaptation.explorer import method_comparer
from cs826tl.widgets.alarms.explorer import alarm_explorer
from cs826tl.widgets.averaging.explorer import line_explorer
from cs826tl.widgets.budgets.explorer import budget_explorer
from cs826tl.widgets.choosing.explorer import network_chooser
from cs826tl.widgets.depths.explorer import depth_probe
from cs826tl.widgets.freezing.panel import FreezingPanel, freezing_panel
from cs826tl.widgets.guessing.guesses import Guess, guess
from cs826tl.widgets.guessing.tally import Surprises, surprises
from cs826tl.widgets.imagenet.explorer import imagenet_explorer
from cs826tl.widgets.kinds.explorer import kind_sorter
from cs826tl.widgets.kit.controllers import Progress
from cs826tl.widgets.kit.controls import Choice, File, Number, Press, Words
from cs826tl.widgets.kit.explorer import Explorer
from cs826tl.widgets.kit.views import Handle, Table, View
from cs826tl.widgets.multitask.explorer import multitask_explorer
from cs826tl.widgets.quizzes.quizzes import Quiz, quiz
from cs826tl.widgets.scenarios.explorer import scenario_map
from cs826tl.widgets.schedules.explorer import schedule_designer
from cs826tl.widgets.shift.explorer import shift_explorer
from cs826tl.widgets.spreading.explorer import spreading_explorer
from cs826tl.widgets.text.explorer import text_probe

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
    "budget_explorer",
    "depth_probe",
    "freezing_panel",
    "guess",
    "imagenet_explorer",
    "kind_sorter",
    "line_explorer",
    "method_comparer",
    "multitask_explorer",
    "network_chooser",
    "quiz",
    "scenario_map",
    "schedule_designer",
    "shift_explorer",
    "spreading_explorer",
    "surprises",
    "text_probe",
]
