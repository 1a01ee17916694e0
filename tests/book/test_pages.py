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


def test_status_lists_runs(tmp_path, monkeypatch):
    record = {"commit": "abcdef012345", "dirty": False, "wall_seconds": 61.2, "device": "cpu", "seed": 3}
    record |= {"config": {"profile": "cpu"}, "finished": "2026-01-02T03:04:05"}
    run = tmp_path / "results/runs/vit-0"
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps(record))
    text = pages.status(*_book(tmp_path, monkeypatch, _chapter()))
    assert "| `vit-0` | cpu | cpu | 3 | 61 s | `abcdef01` | 2026-01-02 03:04 |" in text


def test_environment_names_versions_and_no_machine():
    text = pages.environment()
    assert f"| numpy | {importlib.metadata.version('numpy')} |" in text
    assert str(Path.home()) not in text
    assert "GPU" in text


def test_bars_in_values_do_not_split_cells():
    assert pages.table(["a"], [["x|y"]]).splitlines()[-1] == "| x\\|y |"
