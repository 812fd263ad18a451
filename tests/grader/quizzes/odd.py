"""What an exporter must survive: every sign that means something in GIFT, HTML, XML or TeX."""

from cs826tl.widgets.questions import ChoiceQuestion, NumberQuestion, Option
from cs826tl_grader.quizzes.lectures import Lecture

SIGNS = (
    r"a~b = #c {d} e: \n \: <b> & \"q\" 'r' // ::x:: -> %50% ]]> "
    r"`x = {1: '~'} \n` $\nu_{1}: a = b < c$"
)
ODD = Lecture(
    "99_odd",
    "99 Odd:: {a/b} = ~c # d",
    (
        ChoiceQuestion(
            "one",
            f"[html] {SIGNS}\n\n// {SIGNS}",
            (Option(f"=1 {SIGNS}", False, f"#{SIGNS}"), Option(f"~2 {SIGNS}", True, SIGNS)),
        ),
        ChoiceQuestion(
            "several",
            "Three of four?",
            tuple(Option(f"option {k}", k != 2, f"why {k}") for k in range(4)),
        ),
        ChoiceQuestion(
            "several", "One?", (Option("yes", True, "It is."), Option("no", False, "No."))
        ),
        NumberQuestion(SIGNS, -0.00025, 1e-05, SIGNS, f"~{SIGNS}"),
    ),
)
