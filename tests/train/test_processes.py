"""Two processes with half a batch each against one with the whole."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

TESTS = Path(__file__).parents[1]
STEPS = 20
PAPER = ("train.optimizer=adam", "train.lr=1.0e-4", "train.warmup=0")
CASES = {
    "vit": ("vit", ["model.stem=conv", *PAPER, "float64"]),
    "ahan": ("ahan", ["model.pair.p=1.0", "model.depth=2", *PAPER, "float64"]),
    "3:1 and accumulated": ("vit", ["sampler=twins_and_singles", "train.accumulate=2", "loss=adaface", "float64"]),
    "single precision": ("vit", ["model.stem=conv", *PAPER]),
}


def run(folder, processes, name, overrides):
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)]), "OMP_NUM_THREADS": "1"}
    launch = ["-m", "torch.distributed.run", f"--nproc-per-node={processes}", "--master-addr=127.0.0.1",
              f"--master-port={port}"] if processes > 1 else []  # fmt: skip
    steps = STEPS * (2 if "train.accumulate=2" in overrides else 1)
    command = [sys.executable, *launch, str(TESTS / "train_worker.py"), name, str(folder), str(steps), *overrides]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "history.json").read_text()), load_file(folder / "model.safetensors")


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_two_processes_compute_what_one_would(case, tmp_path):
    name, overrides = CASES[case]
    rows, weights = run(tmp_path / "one", 1, name, overrides)
    both, same = run(tmp_path / "two", 2, name, overrides)
    assert [row["step"] for row in rows] == [row["step"] for row in both]
    single = "float64" not in overrides
    for row, other in zip(rows, both, strict=True):
        assert row["loss"] == pytest.approx(other["loss"], abs=1e-5, rel=1e-5 if single else 0)
    for (
        key,
        value,
    ) in weights.items():  # Adam makes steps of the rounding of gradients that are zero, in single precision
        torch.testing.assert_close(same[key], value, atol=2 * STEPS * 1e-4 if single else 1e-4, rtol=0)
