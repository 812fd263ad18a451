"""What nbgitpuller's link does to a student's folder when the lecturer has changed the course."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
GITPULLER = Path(sys.executable).with_name("gitpuller")
MINE = "print('my own try')"


def git(folder: Path, *words: str) -> None:
    me = ("-c", "user.name=lecturer", "-c", "user.email=lecturer@example.org")
    subprocess.run(["git", *me, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The students' repository, with a lecture and an exercise."""
    if not GITPULLER.exists() or shutil.which("git") is None:
        pytest.skip("nbgitpuller or git is not installed")
    folder = tmp_path / "students"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    shutil.copy(CHECKOUT / "notebooks" / "00_start_here.ipynb", folder)
    shutil.copy(CHECKOUT / "tests" / "grader" / "course" / "01_scale.ipynb", folder)
    save(folder)
    return folder


def save(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-m", "the course")


def pull(repository: Path, home: Path) -> Path:
    copy = home / "students"
    home.mkdir(exist_ok=True)
    command = [str(GITPULLER), repository.as_uri(), "main", str(copy)]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def edit(path: Path, changes: dict[int, str], more: str = "") -> None:
    """Add a line to some code cells and a cell at the end, and save as Jupyter does."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, line in changes.items():
        code[number].source += f"\n{line}"
    if more:
        notebook.cells.append(nbformat.v4.new_code_cell(more, id="a-student-s"))
    nbformat.write(notebook, path)


def sources(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return "\n".join(cell.source for cell in notebook.cells)


def test_a_student_s_changes_survive_a_pull(repository: Path, tmp_path: Path) -> None:
    copy = pull(repository, tmp_path / "ada")
    edit(copy / "00_start_here.ipynb", {1: "# mine"}, more=MINE)
    edit(copy / "01_scale.ipynb", {0: "# my answer"})
    answered = (copy / "01_scale.ipynb").read_bytes()
    (copy / "notes.txt").write_text("remember")
    edit(repository / "00_start_here.ipynb", {1: "# the lecturer's", 3: "# corrected"})
    (repository / "13_new.txt").write_text("a new lecture")
    (repository / "notes.txt").write_text("the lecturer's notes")
    save(repository)
    assert pull(repository, tmp_path / "ada") == copy
    now = sources(copy / "00_start_here.ipynb")
    assert "# mine" in now  # where both changed a line, the student's stays
    assert "# the lecturer's" not in now
    assert MINE in now
    assert "# corrected" in now  # elsewhere, what is new arrives
    assert (copy / "01_scale.ipynb").read_bytes() == answered
    assert (copy / "13_new.txt").read_text() == "a new lecture"
    kept = {path.read_text() for path in copy.glob("notes*.txt")}
    assert kept == {"remember", "the lecturer's notes"}  # one of them under a new name


def test_what_a_student_deleted_comes_back(repository: Path, tmp_path: Path) -> None:
    copy = pull(repository, tmp_path / "ada")
    (copy / "00_start_here.ipynb").unlink()
    pull(repository, tmp_path / "ada")
    assert sources(copy / "00_start_here.ipynb") == sources(repository / "00_start_here.ipynb")
