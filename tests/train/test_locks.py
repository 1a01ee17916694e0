import json
import os
import signal
import subprocess
import sys
import time

import pytest

from twinlib.errors import InputError
from twinlib.train.locks import BusyError, claim, claims_dir, holder


@pytest.fixture(autouse=True)
def build(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))


HOLD = "from twinlib.train.locks import claim\nimport time\nwith claim('r'): print('held', flush=True); time.sleep(60)"


@pytest.fixture
def other():
    """Another process that holds the claim of r."""
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_claim_is_refused_to_a_second_process_and_free_again_after_kill_nine(other):
    assert holder("r")["pid"] == other.pid
    with pytest.raises(BusyError, match=rf"process {other.pid} is training this run"), claim("r", wait=False):
        pass
    with claim("another", wait=False):
        pass
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert holder("r") is None
    with claim("r", wait=False):
        assert holder("r")["pid"] == os.getpid()
    assert holder("r") is None


def test_who_waits_gets_the_claim_when_it_is_let_go(other, capfd):
    ending = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(1); os.kill({other.pid}, 9)"])
    began = time.monotonic()
    with claim("r"):
        assert time.monotonic() - began > 0.3
    assert f"waiting for process {other.pid}" in capfd.readouterr().err
    ending.wait()


def test_only_the_first_of_several_processes_of_one_run_claims_it(other, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    with claim("r", wait=False):
        pass


def test_a_lock_file_that_was_cut_off_says_nobody(other):
    (claims_dir() / "r.lock").write_text('{"pid": 3')
    assert holder("r") == {}
    with pytest.raises(BusyError, match=r"process \? is training"), claim("r", wait=False):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "claims").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot write .*r\.lock"), claim("r"):
        pass


def test_what_is_told_is_json():
    with claim("r"):
        assert set(json.loads((claims_dir() / "r.lock").read_text())) == {"pid", "host", "since"}
