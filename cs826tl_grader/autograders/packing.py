"""What is uploaded: an archive for Gradescope, a folder for Classroom 50."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import nbformat

from cs826tl_grader.exercise.checks import packed_checks
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.plain.writing import write_bytes, zipped

PUBLIC = '''"""Public examples only: no solution, no hidden case."""

from cs826tl_grader.exercise.checks import public_questions

QUESTIONS = public_questions(
    {packed!r}
)
'''


def pack_gradescope(
    out: Path, exercises: Sequence[Exercise], assets: Sequence[str], secrets: Mapping[str, Path]
) -> None:
    """Write the zip of an autograder; `secrets` are the roster and the key, where there are any.

    It holds the rubrics: upload it to Gradescope, and give it to nobody else.
    """
    inside = {f"exercises/{name}": path.read_bytes() for name, path in secrets.items()}
    for exercise in exercises:
        notebook, rubric = exercise.files
        inside[f"exercises/{exercise.name}.ipynb"] = notebook
        inside[f"exercises/{exercise.name}.py"] = rubric
    for name in ("setup.sh", "run_autograder"):
        inside[name] = _template(name, " ".join(assets))
    write_bytes(out, zipped(inside, executable=("setup.sh", "run_autograder")))


def pack_classroom50(out: Path, exercises: Sequence[Exercise]) -> None:
    """Write a folder for `CLASSROOM/autograders/ASSIGNMENT`, which Classroom 50 publishes.

    So it holds what students have anyway: the notebook with its stubs, and its public examples.
    """
    write_bytes(out / "autograder.py", _template("autograder.py.in"), mode=0o644)
    for exercise in exercises:
        variant = variant_of(exercise.rubric, "", None)
        notebook = nbformat.writes(exercise.released(variant)) + "\n"  # type: ignore[no-untyped-call]
        rubric = PUBLIC.format(packed=packed_checks(exercise.rubric, variant))
        for suffix, text in (("ipynb", notebook), ("py", rubric)):
            place = out / "exercises" / f"{exercise.name}.{suffix}"
            write_bytes(place, text.encode(), mode=0o644)


def _template(name: str, assets: str = "") -> bytes:
    text = files("cs826tl_grader.autograders").joinpath("files", name).read_text("utf-8")
    return text.replace("@VERSION@", version("cs826tl")).replace("@ASSETS@", assets).encode()
