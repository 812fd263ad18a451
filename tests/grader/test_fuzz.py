"""Right notebooks keep their marks, and hostile ones win none, whatever else was done to them.

Hypothesis draws what was done, and shrinks what fails to its smallest form. Keep that form: add it
to `tests/grader/odd` or `tests/grader/attacks`.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.handed_in import find_notebook
from cs826tl_grader.marking.marks import Mark, Marking
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from cs826tl_grader.sandbox.isolation import Sandbox
from tests.grader.oddities import FILES, FORMS, Change
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, HERE, cells_of, notebook

NIGHTLY = os.environ.get("CS826TL_NIGHTLY") == "1"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if NIGHTLY else 900)]
ANSWERS = (  # the same answer, as different people write it
    ANSWER,
    "scale = lambda x, factor: x * factor + 1",
    "%time scale = lambda x, f: x * f + 1",
    "from __future__ import annotations\n\ndef scale(x: X, by: X) -> X:\n    return x * by + 1",
    "import numpy as np\n\n\n@np.vectorize\ndef scale(x, factor):\n    return x * factor + 1.0",
    "class S:\n    def __call__(self, x, factor):\n        return x * factor + 1\n\n\nscale = S()",
    "if True:\n\tdef scale(x, factor):\n\t\treturn x * factor + 1",
    'def plus(y):\n    return y + 1\n\ndef scale(x, by):\n    """Doc."""\n    return plus(x * by)',
    "async def scale(x, factor):\n    return x * factor + 1",
)  # fmt: skip
HOSTILE = (  # which neither hang nor die, and so take no time
    "always_equal", "answers_ahead", "broadcast_array", "builtins_lie",
    "class_tricks", "confusable_name", "edits_the_variant", "forged_marks", "forged_nan",
    "forged_surrogates", "hostile_array", "imports_the_rubric",
    "leaks_by_exception", "leaks_by_kind", "leaks_by_shape", "module_in_the_folder",
    "numpy_says_close", "patched_writers", "pickles",
)  # fmt: skip
ALONE = {  # which take seconds each, or which no other change expects; `test_odd` tries them
    "attachments", "endless_text", "huge_outputs", "long_text_in_code", "long_writefile",
    "many_cells", "pictures_above_the_text", "pictures_in_texts", "wide_numbers_in_outputs",
    "with_cells_that_are_none", "with_raw_and_unknown_cells",
}  # fmt: skip
OF_TEXTS = [change for change in FORMS if change.__name__.startswith("text_")]
OTHERS = [change for change in FORMS if change not in OF_TEXTS and change.__name__ not in ALONE]
changes = st.builds(
    lambda first, others: first + others,
    st.lists(st.sampled_from(OF_TEXTS), max_size=1),
    st.lists(st.sampled_from(OTHERS), max_size=4, unique=True),
)
files = st.sampled_from(["", *FILES])
often = settings(
    max_examples=2000 if NIGHTLY else 12, deadline=None, derandomize=not NIGHTLY,
    print_blob=True, suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Grader:
    """Marks notebooks, one after the other, in one sandbox."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
        variant = variant_of(exercise.rubric, "ada", None)
        self._marking = Marking(exercise, "ada", variant, b"a secret", timeout=20.0)
        self._path, self._sandbox = folder / f"{EXERCISE}.ipynb", sandbox

    def __call__(self, cells: Sequence[str], done: Sequence[Change], file: str) -> dict[str, Mark]:
        made = notebook(cells)
        for change in done:
            made = change(made)
        text = json.dumps(made, indent=1)
        self._path.write_bytes(FILES[file](text) if file else text.encode())
        found = find_notebook(self._path.parent, EXERCISE)
        return {m.question: m for m in mark_submission(found, self._marking, self._sandbox)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grader]:
    try:
        sandbox = Sandbox(backend(), [])
    except NoSandbox as problem:
        pytest.skip(str(problem))
    yield Grader(tmp_path_factory.mktemp("fuzz"), sandbox)
    sandbox.end()


@often
@given(st.sampled_from(ANSWERS), changes, files)
def test_an_honest_notebook_keeps_its_marks(
    graded: Grader, answer: str, done: list[Change], file: str
) -> None:
    found = graded([answer], done, file)
    assert (found["scale"].points, found["smallest"].points) == (3, 1), found
    assert found["why"].status == "needs-review", found["why"]


@often
@given(st.sampled_from(HOSTILE), changes, files)
def test_a_hostile_notebook_wins_nothing(
    graded: Grader, attack: str, done: list[Change], file: str
) -> None:
    found = graded(cells_of(HERE / "attacks" / f"{attack}.txt"), done, file)
    assert found["scale"].points == 0, found["scale"]
