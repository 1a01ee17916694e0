import pytest
from inspector_factory import make_record

from twinlib import paths
from twinlib.cli.on_runs import inspect
from twinlib.errors import InputError


def test_file_is_written_for_the_one_run_that_is_meant(smoke_set, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    run = make_record(smoke_set, paths.results_dir() / "runs/ahan-smoke-s0-11111111")
    inspect("ahan", str(tmp_path / "x.html"), pairs=8)
    assert "8 pairs. No attention" in capsys.readouterr().out
    assert "<h1>Pair inspector: ahan" in (tmp_path / "x.html").read_text()
    with pytest.raises(InputError, match=f"0 runs begin with 'none'; known: {run.folder.name}"):
        inspect("none", str(tmp_path / "y.html"))
