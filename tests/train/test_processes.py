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
from train_fixtures import colours, tiny

from twinlib.config import MODELS
from twinlib.data.feed.augment import normalise
from twinlib.train.stored import checkpoint, shards

TESTS = Path(__file__).parents[1]
STEPS, LR = 20, 1.0e-4
PAPER = ["train.optimizer=adam", f"train.lr={LR}", "train.warmup=0"]
OF = {"vit": ["model.stem=conv"], "ahan": ["model.pair.p=1.0", "model.depth=2"]}
CASES = {name: [name, STEPS, *own, *PAPER] for name, own in OF.items()}
CASES |= {f"{name}, double": [*case, "float64"] for name, case in CASES.items()}
CASES["3:1 and accumulated, double"] = [
    *["vit", 2 * STEPS, "sampler=twins_and_singles", "train.accumulate=2", "loss=adaface", "float64"]
]
CASES["sharded, double"] = [
    *["vit", 2 * STEPS, "loss={name: sharded, m: 0.3, ramp: 0.5}", "train.clip=0.5", "train.accumulate=2", "float64"]
]


def start(folder, processes):
    for case in CASES:
        (folder / case).mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent), str(TESTS.parent / "data_prep")]),
        "OMP_NUM_THREADS": "1",
    }
    launch = ["-m", "torch.distributed.run", f"--nproc-per-node={processes}", "--master-addr=127.0.0.1",
              f"--master-port={port}"] if processes > 1 else []  # fmt: skip
    command = [sys.executable, *launch, str(TESTS / "train_worker.py"), str(folder), json.dumps(CASES)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folders of all cases, trained by one process and by two."""
    folder = tmp_path_factory.mktemp("processes")
    for processes in (1, 2):
        start(folder / str(processes), processes)
    return [folder / "1", folder / "2"]


def losses(folders, case):
    rows, both = (json.loads((folder / case / "history.json").read_text()) for folder in folders)
    assert [row["step"] for row in rows] == [row["step"] for row in both]
    return [row["loss"] for row in rows], [row["loss"] for row in both]


def weights(folders, case):
    return [load_file(folder / case / "model.safetensors") for folder in folders]


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if "double" in case])
def test_two_processes_compute_what_one_would(case, trained):
    one, two = losses(trained, case)
    assert one == pytest.approx(two, abs=1e-5, rel=0)
    alone, both = weights(trained, case)
    for key, value in alone.items():
        torch.testing.assert_close(both[key], value, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_centres_that_are_cut_over_processes_learn_as_whole_ones(trained):
    rows, both = (json.loads((folder / "sharded, double/history.json").read_text()) for folder in trained)
    assert [row["accuracy"] for row in rows] == [row["accuracy"] for row in both]
    assert rows[-1]["loss"] < rows[0]["loss"]
    classes = 20 * (2 if tiny("vit").data.flip == "identity" else 1)
    ends = [shards.whole(folder / "sharded, double", "r", STEPS, classes) for folder in trained]
    torch.testing.assert_close(*ends, atol=1e-6, rtol=0)
    assert len(list((trained[1] / "sharded, double").glob("shard-*"))) == 2 * checkpoint.KEEP


def zero_in_exact_arithmetic(name, d):
    """Which numbers of a parameter have no gradient, whatever the images: nothing they change is read.

    Biases of keys: softmax is shift-invariant. Biases that end in a constant before the batch norm: it subtracts the
    mean. Values of FAAM: their bias cancels in A − B. Queries and keys of an attention over a single token (4 tokens
    pooled by 2 and by 4): its weight is 1. The final norm's bias under AHAN: in the first step only, as W for h and f
    is zero then.
    """
    one_token = ("hca.blocks.1.", "hca.blocks.2.")
    if name.endswith(".qkv.bias"):
        return slice(d, 2 * d)
    if name == "faam.attn.to_kv.bias" or name == "backbone.norm.bias" or name.endswith(".mlp.2.bias"):
        return slice(None)
    if name.startswith(one_token) and ("attn.to_q." in name or "norm_q." in name):
        return slice(None)
    if name.endswith("to_kv.bias") or (name.startswith(one_token) and name.endswith("to_kv.weight")):
        return slice(0, d)
    return slice(0)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF)
def test_single_precision_differs_only_where_the_gradient_is_rounding(name, trained):
    """Adam divides a gradient by its own size, so it makes whole steps of a rounding error."""
    one, two = losses(trained, name)
    assert one == pytest.approx(two, rel=2e-5, abs=0)
    noise = load_file(trained[0] / f"{name}, double" / "noise.safetensors")
    alone, both = weights(trained, name)
    for key, is_noise in noise.items():
        expected = torch.zeros_like(is_noise)
        expected[zero_in_exact_arithmetic(key, 8)] = True
        assert torch.equal(is_noise, expected), key
        apart = (alone[key] - both[key]).abs()
        assert not (apart[~is_noise] > 1e-4).any(), key
        assert not (apart[is_noise] > 2 * STEPS * LR).any(), key
    # Buffers are left: running means follow such a bias with a delay, so the outputs are compared without them.
    torch.testing.assert_close(*(output(name, state) for state in (alone, both)), atol=1e-4, rtol=0)


@torch.no_grad()
def output(name, state):
    data, experiment = colours(families=8, singles=4), tiny(name, *OF[name])
    net = MODELS.build(experiment.model)
    net.load_state_dict(state)
    images, boxes = normalise(torch.from_numpy(data.crops[::5])), torch.from_numpy(data.boxes[::5].copy()).float()
    return torch.nn.functional.normalize(net(images, boxes) if name == "ahan" else net(images))
