"""Controls to play with: thin views in JavaScript over plain controllers in Python."""

from cs826tl.widgets.explorer import Explorer
from cs826tl.widgets.freezing import FreezingPanel, freezing_panel
from cs826tl.widgets.guesses import Guess, Surprises, guess, surprises
from cs826tl.widgets.quizzes import Quiz, quiz

__all__ = [
    "Explorer",
    "FreezingPanel",
    "Guess",
    "Quiz",
    "Surprises",
    "freezing_panel",
    "guess",
    "quiz",
    "surprises",
]
