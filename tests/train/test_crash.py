"""Killed at any moment, also while a checkpoint is written, and on a full disk."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from twinlib.train import checkpoint

TESTS = Path(__file__).parents[1]
STEPS = 60
EVERY = "train.checkpoint_every=1"  # so that a good part of the time goes into writing them


def start(folder, *overrides, name="vit", limit=""):
    folder.mkdir(exist_ok=True)
    code = f"{limit}import runpy; runpy.run_path({str(TESTS / 'train_worker.py')!r}, run_name='__main__')"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    command = [sys.executable, "-c", code, name, str(folder), str(STEPS), EVERY, *overrides]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process):
    stderr = process.communicate(timeout=300)[1]
    assert process.returncode == 0, stderr
    return stderr


@pytest.mark.slow
def test_kill_nine_at_ten_random_moments_changes_no_bit_of_the_result(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    finish(start(whole))
    rng, kills, writing = random.Random(0), 0, 0
    while kills < 10:
        process = start(cut)
        begun = len(list(cut.glob("step-*"))) and max(cut.glob("step-*")).name
        while process.poll() is None and (max((p.name for p in cut.glob("step-*")), default="") or begun) == begun:
            time.sleep(0.002)  # until it has made a step of its own: the imports take longer than the training
        time.sleep(rng.random() * 0.1)
        if rng.random() < 0.5:  # wait for a half-written file
            until = time.monotonic() + 2
            while process.poll() is None and time.monotonic() < until and not list(cut.glob(".partial-*")):
                pass
        if process.poll() is not None:
            break  # it was done first
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        kills += 1
        writing += bool(list(cut.glob(".partial-*")))
    finish(start(cut))
    assert kills >= 5
    assert writing >= 1
    one, other = (load_file(folder / "model.safetensors") for folder in (whole, cut))
    assert all((one[key] == other[key]).all() for key in one)
    assert (whole / "history.json").read_text() == (cut / "history.json").read_text()


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_last_checkpoint_is_intact(tmp_path):
    finish(start(tmp_path / "whole"))
    # Files may grow to 5 kB only: the first checkpoints, of a small network, need more.
    size = max((tmp_path / "whole").glob("step-*")).stat().st_size
    room = f"import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); limit = {size - 100}; "
    arm = (
        "import twinlib.train.checkpoint as c; save = c.save_newest\n"
        "def limited(folder, state):\n"
        "    if state['step'] == 7: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "    save(folder, state)\n"
        "c.save_newest = limited\n"
    )
    process = start(tmp_path / "full", limit=room + "\n" + arm)
    stderr = process.communicate(timeout=300)[1]
    assert process.returncode != 0
    assert "InputError: cannot write" in stderr
    assert "Free some space" in stderr
    assert checkpoint.newest(tmp_path / "full", "r")["step"] == 6
    assert list((tmp_path / "full").glob(".partial-*")) == []
    finish(start(tmp_path / "full"))  # after somebody has made room
    one, other = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "full"))
    assert all((one[key] == other[key]).all() for key in one)
