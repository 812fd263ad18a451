"""Controls to play with: thin views in JavaScript over plain controllers in Python."""

from cs826tl.widgets.freezing import freezing_panel
from cs826tl.widgets.guesses import guess, surprises
from cs826tl.widgets.quizzes import quiz

__all__ = [
    "freezing_panel",
    "guess",
    "quiz",
    "surprises",
]
