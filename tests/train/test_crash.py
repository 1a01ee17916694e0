"""Killed at any moment, also while a checkpoint is written, and on a full disk: real processes, forked from here."""

import os
import random
import resource
import signal
import time

import pytest
import torch
from train_fixtures import colours, tiny

from twinlib.errors import InputError
from twinlib.train.loop import train
from twinlib.train.stored import checkpoint

OVERRIDES = ("train.passes=480", "train.checkpoint_every=1")  # 60 steps; much of the time goes into checkpoints


def run(folder, *more):
    return train(tiny("vit", *OVERRIDES, *more), colours(), "r", folder, "cpu")


def forked(folder, prepare=lambda: None):
    """Train in a child process; its exit status is 0, 2 for an InputError with its text in the file error."""
    if child := os.fork():
        return child
    try:
        prepare()
        run(folder)
        os._exit(0)
    except InputError as error:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        (folder / "error").write_text(str(error))
        os._exit(2)
    except BaseException:
        os._exit(1)


def steps(folder):
    return max((int(path.stem[5:]) for path in folder.glob("step-*")), default=0)


def half_written(folder):
    try:
        return any(path.stat().st_size for path in folder.glob(".partial-*.safetensors"))
    except FileNotFoundError:  # written and moved since it was listed
        return False


@pytest.mark.slow
def test_kill_nine_at_ten_random_moments_changes_no_bit_of_the_result(tmp_path):
    torch.set_num_threads(1)
    whole, cut = run(tmp_path / "whole"), tmp_path / "cut"
    cut.mkdir()
    rng, writing = random.Random(0), 0
    for kill in range(10):
        child, begun = forked(cut), steps(cut)
        until = time.monotonic() + 120
        while steps(cut) < min(begun + 1 + rng.randrange(4), 55) and time.monotonic() < until:
            time.sleep(0.0005)
        while kill % 2 and not half_written(cut) and time.monotonic() < until:
            pass  # every second time in the middle of a checkpoint
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        writing += half_written(cut)
    assert writing >= 1
    assert 10 <= steps(cut) < 60
    resumed = run(cut)
    other = resumed.model.state_dict()
    assert all(torch.equal(value, other[key]) for key, value in whole.model.state_dict().items())
    assert whole.history == resumed.history


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_last_checkpoint_is_intact(tmp_path, monkeypatch):
    torch.set_num_threads(1)
    whole, full = run(tmp_path / "whole"), tmp_path / "full"
    full.mkdir()
    size = max((tmp_path / "whole").glob("step-*")).stat().st_size
    save = checkpoint.save_newest

    def limited(folder, state):
        if state["step"] == 7:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        save(folder, state)

    child = forked(full, lambda: monkeypatch.setattr(checkpoint, "save_newest", limited))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert "Free some space" in (full / "error").read_text()
    assert steps(full) == 6
    assert list(full.glob(".partial-*")) == []
    other = run(full).model.state_dict()  # after somebody has made room
    assert all(torch.equal(value, other[key]) for key, value in whole.model.state_dict().items())


@pytest.mark.slow
def test_a_small_disk_that_fills_up_is_told_and_training_goes_on_after_room_is_made(tmp_path, small_disk):
    torch.set_num_threads(1)
    short = "train.passes=80"
    whole = run(tmp_path / "whole", short)
    size = max((tmp_path / "whole").glob("step-*")).stat().st_size
    small = small_disk(6 * size)
    ballast = small / "somebody else's file"
    ballast.write_bytes(b"x" * (4 * size))
    with pytest.raises(InputError, match="Free some space"):
        run(small, short)
    assert checkpoint.newest(small, "r")["step"] == steps(small) < 10
    assert list(small.glob(".partial-*")) == []
    ballast.unlink()
    other = run(small, short).model.state_dict()
    assert all(torch.equal(value, other[key]) for key, value in whole.model.state_dict().items())
