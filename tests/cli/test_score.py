import pytest
from run_factory import make_run

from twinlib.cli.on_runs import score
from twinlib.errors import InputError
from twinlib.train.stored import further


def test_every_record_of_an_experiment_is_scored(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    runs = [make_run(name="a", seed=seed) for seed in (0, 1)]
    make_run(name="b")
    seen = []
    monkeypatch.setattr(further, "score_further", lambda run, *given: seen.append((run.folder.name, *given)) or run)
    score("a", "extremes", "cpu")
    assert seen == [(run.folder.name, "extremes", "cpu") for run in runs]
    assert capsys.readouterr().out.count("auc") >= 2


def test_an_unknown_run_is_refused_with_those_there_are(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    make_run(name="a")
    with pytest.raises(InputError, match="there is no run called 'c'; experiments with records: a"):
        score("c", "extremes")
