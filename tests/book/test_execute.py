import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebooks import source, write

ROOT = Path(__file__).parents[2]
# Processes of their own: an asyncio kernel client inside pytest would trip over warnings that are errors here.


def _execute(chapter, target, *parameters):
    command = [sys.executable, "-m", "book.tools.execute", str(chapter), str(target), *parameters]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    chapter = write(source("print(seed + 1, profile)"), folder / "good.ipynb")
    done = _execute(chapter, folder / "out/good.ipynb", "-p", "seed", "41", "-p", "profile", "smoke")
    assert done.returncode == 0, done.stderr
    return nbformat.read(folder / "out/good.ipynb", as_version=4)


def test_parameters_reach_the_chapter(ran):
    assert ran.cells[-1].outputs[0].text == "42 smoke\n"


def test_injected_cell_is_hidden_and_file_names_are_gone(ran):
    injected = next(cell for cell in ran.cells if "injected-parameters" in cell.metadata.tags)
    assert "remove-cell" in injected.metadata.tags
    assert set(ran.metadata.papermill) >= {"duration", "parameters", "start_time"}
    assert not {"input_path", "output_path"} & set(ran.metadata.papermill)


def test_cost_and_commit_are_recorded(ran):
    assert ran.metadata.twinlib.seconds > 0
    assert ran.metadata.twinlib.peak_memory_mb > 10
    assert set(ran.metadata.twinlib) == {"commit", "dirty", "seconds", "peak_memory_mb"}


def test_raising_cell_is_named_and_leaves_no_chapter(tmp_path):
    chapter = write(source("x = 1", "y = 2\nz = x / 0"), tmp_path / "bad.ipynb")
    target = tmp_path / "out/bad.ipynb"
    done = _execute(chapter, target, "-p", "seed", "1")
    assert done.returncode == 1
    assert "chapter bad, cell 4 of 4: ZeroDivisionError: division by zero" in done.stderr
    assert "line 2: z = x / 0" in done.stderr
    assert not target.exists()
    assert list(target.parent.iterdir()) == []
    assert (tmp_path / "failed/bad.ipynb").is_file()


def test_dying_kernel_is_named(tmp_path):
    chapter = write(source("x = 1", "import os\nos._exit(3)"), tmp_path / "dead.ipynb")
    done = _execute(chapter, tmp_path / "out/dead.ipynb")
    assert done.returncode == 1
    assert "chapter dead, cell 4 of 4: DeadKernelError" in done.stderr


def test_old_chapter_survives_a_failure(tmp_path):
    target = write(source("'old'"), tmp_path / "out/bad.ipynb")
    before = target.read_bytes()
    assert _execute(write(source("1 / 0"), tmp_path / "bad.ipynb"), target).returncode == 1
    assert target.read_bytes() == before


def test_bad_parameter_is_refused_before_anything_runs(tmp_path):
    chapter = write(source(f"open({str(tmp_path / 'ran')!r}, 'w')"), tmp_path / "good.ipynb")
    done = _execute(chapter, tmp_path / "out/good.ipynb", "-p", "sed", "1")
    assert done.returncode == 2
    assert "'sed' is unknown; did you mean 'seed'" in done.stderr
    assert not (tmp_path / "ran").exists()
