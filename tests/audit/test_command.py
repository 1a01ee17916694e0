import re

import pytest

from twinlib.audit import command, conduct
from twinlib.cli import main


def said(capsys, *arguments):
    code = main.main(["audit", *arguments])
    return code, capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ([], "wanted one of --onnx FILE, .*found none"),
        (["--onnx", "a", "--scores", "b"], "found --onnx and --scores"),
        (["--onnx", "a", "--score-threshold", "0.3"], "for your own pairs"),
        (["--onnx", "a", "--pairs", "p", "--score-threshold", ".nan"], "--score-threshold must be a finite number"),
        (["--onnx", "none.onnx"], r"none\.onnx does not exist"),
        (["--onnx", "none.onnx", "--input", "mine"], "input 'mine' is unknown"),
        (["--embeddings", "none.npz"], r"none\.npz does not exist"),
        (["--scores", "none.csv"], r"none\.csv does not exist"),
        (["--export", "out", "--against", "none.json"], r"none\.json does not exist"),
        (["--export", "out", "--pairs", "none.csv"], r"none\.csv does not exist"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_rendered(capsys, monkeypatch, tmp_path, arguments, match):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(conduct, "rendered", lambda workers: pytest.fail("rendered"))
    code, out = said(capsys, *arguments)
    assert code == 2
    assert re.search(match, out.err)
    assert out.err.count("\n") == 1


def test_arguments_reach_the_audit(capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(conduct, "conduct", lambda *given: seen.append(given) or 1)
    arguments = ["--onnx", "a", "--input", "sface", "--pairs", "p", "--score-threshold", "0.3", "--workers", "2"]
    code, _ = said(capsys, *arguments, "--out", "o", "--against", "b")
    assert code == 1
    assert seen == [(conduct.Given("a", None, None, None, "sface"), "p", 0.3, "o", "b", 2)]
    assert command.audit.__doc__
