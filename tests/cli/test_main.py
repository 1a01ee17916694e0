import subprocess
import sys
from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from twinlib.cli import main


def test_every_command_explains_itself(capsys):
    for name in main.COMMANDS:
        with pytest.raises(SystemExit) as stop:
            main.main([name, "--help"])
        assert stop.value.code == 0
        assert f"twinlib [options] {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "vti"], "twinlib run: experiment 'vti' is unknown; known: "),
        (["run", "vit", "--set", "train.lrr=1"], "twinlib run: vit: train.lrr is unknown"),
        (["run", "vit", "--set", "train.lr=fast"], "train.lr"),
        (["run", "vit", "--seed", "-1"], "--seed must be a whole number from 0"),
        (["run", "vit", "--profile", "smoke", "--set", "loss.s=0"], "vit: loss.s must be a number above 0, got 0"),
        (["run", "vit", "--set", "data.families=0"], "vit: data.families must be a whole number of at least 1, got 0"),
        (["evaluate", "--batch", "0"], "--batch must be a whole number of at least 1, got 0"),
        (
            ["calibrate", "a", "b", "--target-fmr", "5"],
            "--target-fmr must be a number above 0 and below 1, got 5",
        ),
        (["data", "split", "x", "--validation", "1"], "--validation must be a number of at least 0 and below 1"),
        (["serve", "--port", "99999"], "--port must be a whole number from 0 to 65535"),
        (["synth", "smok"], "Known sets: smoke"),
        (["landmarks", "nowhere"], "nowhere"),
        (["compare", "a", "b"], "twinlib compare: "),
    ],
)
def test_bad_input_is_one_line_and_code_2(arguments, message, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    assert main.main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1


def functions(commands):
    for name, command in commands.items():
        yield from functions(command.COMMANDS) if isinstance(command, ModuleType) else [(name, command)]


def test_every_number_that_a_command_takes_has_its_range():
    own = {"threshold", "score_threshold", "return"}  # on scales of their own: `thresholds.threshold_on`
    open_ended = [
        f"{name} --{option}"
        for name, function in functions(main.COMMANDS)
        for option, hint in get_type_hints(function, include_extras=True).items()
        if option not in own and {int, float} & {hint, *get_args(hint)} and getattr(hint, "__metadata__", None) is None
    ]
    assert open_ended == []


@pytest.mark.parametrize(
    "arguments", [["run", "vit", "--profile", "huge"], ["run"], ["fly"], ["synth", "smoke", "--workers", "two"]]
)
def test_bad_options_end_with_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main.main(arguments)
    assert stop.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_run_makes_a_record_and_says_so(smoke_set, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    assert (
        main.main(["run", "vit", "--profile", "smoke", "--device", "cpu", "--set", "train.passes=48", "train.warmup=0"])
        == 0
    )
    assert "twin         auc" in capsys.readouterr().out
    assert main.main(["runs"]) == 0
    assert "no run is recorded" in capsys.readouterr().out


def test_experiments_are_listed_with_their_question(capsys):
    assert main.main(["experiments"]) == 0
    assert any(line.startswith("vit ") and "?" in line for line in capsys.readouterr().out.splitlines())


def test_the_installed_command_starts_without_torch():
    code = "import sys, twinlib.cli.main as c; c.parser(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_reader_that_stops_early_is_no_error():
    code = "import sys; from twinlib.cli.main import main; sys.exit(main(['experiments']))"
    shell = f'set -o pipefail; {sys.executable} -c "{code}" | true'
    done = subprocess.run(["bash", "-c", shell], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_options_of_two_words_take_hyphens_and_underscores():
    for spelt in ("--store-maps", "--store_maps"):
        assert main.parser().parse_args(["inspect", "some-run", spelt]).inspect.store_maps is True
