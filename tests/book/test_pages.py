import importlib.metadata
import json
from pathlib import Path

from nbformat.v4 import new_code_cell
from notebooks import PARAMETERS, executed, write

from book.tools import pages


def _book(folder, monkeypatch, chapter):
    toc = folder / "_toc.yml"
    toc.write_text("format: jb-book\nroot: intro\nparts:\n- chapters:\n  - file: one\n")
    write(chapter, folder / "book/one.ipynb")
    monkeypatch.setenv("TWINLIB_RESULTS", str(folder / "results"))
    monkeypatch.setenv("TWINLIB_BUILD", str(folder / "build"))
    return folder / "book", toc


def _chapter():
    chapter = executed("fine")
    about = {"tags": ["parameters"], "papermill": {"status": "completed"}}
    chapter.cells.insert(0, new_code_cell(PARAMETERS, metadata=about))
    chapter.metadata["papermill"]["end_time"] = "2026-01-02T03:04:05.6"
    chapter.metadata["twinlib"] = {"commit": "0123456789ab", "dirty": True, "seconds": 12.6, "peak_memory_mb": 345}
    return chapter


def test_status_tells_what_was_recorded(tmp_path, monkeypatch):
    text = pages.status(*_book(tmp_path, monkeypatch, _chapter()))
    row = "| [](one.ipynb) | passed | 13 s | 345 MB | smoke | – | 0 | `01234567+` | 2026-01-02 03:04 |"
    assert row in text.splitlines()
    assert "No run has been recorded yet" in text


def test_status_tells_what_failed(tmp_path, monkeypatch):
    chapter = _chapter()
    chapter.cells[1].metadata["papermill"]["status"] = "failed"
    assert "| **failed** |" in pages.status(*_book(tmp_path, monkeypatch, chapter))


def _record(folder, name, profile):
    record = {"run_id": name, "profile": profile, "dataset": "toy", "device": "cpu", "seed": 3, "wall_s": 61.2}
    record |= {"peak_mb": 812.4, "commit": "abcdef012345", "dirty": False}
    (folder / name).mkdir(parents=True)
    (folder / name / "run.json").write_text(json.dumps(record))


def test_status_lists_the_runs_of_the_profile(tmp_path, monkeypatch):
    _record(tmp_path / "build/smoke-runs", "vit-smoke-0", "smoke")
    _record(tmp_path / "results/runs", "vit-cpu-0", "cpu")
    text = pages.status(*_book(tmp_path, monkeypatch, _chapter()))
    assert "| `vit-smoke-0` | smoke | toy | cpu | 3 | 61 s | 812 MB | `abcdef01` |" in text
    assert "vit-cpu-0" not in text


def test_environment_names_versions_and_no_machine():
    text = pages.environment()
    assert f"| numpy | {importlib.metadata.version('numpy')} |" in text
    assert str(Path.home()) not in text
    assert "GPU" in text


def test_bars_in_values_do_not_split_cells():
    assert pages.table(["a"], [["x|y"]]).splitlines()[-1] == "| x\\|y |"
