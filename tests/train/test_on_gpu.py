"""The same step on a GPU and on the CPU."""

import pytest
import torch
from train_fixtures import colours, tiny

from twinlib.train import loop

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("name", ["vit", "ahan"])
def test_a_gpu_trains_as_the_cpu_does(name, tmp_path):
    runs = [
        loop.train(tiny(name, "train.lr=1.0e-4"), colours(), "r", tmp_path / device, device)
        for device in ("cpu", "cuda")
    ]
    losses = [[row["loss"] for row in run.history] for run in runs]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize(
    "override", ["train.precision=bf16", "train.compile=true", "model.recompute=true", "loss=sharded"]
)
def test_each_way_to_train_ends(override, tmp_path):
    run = loop.train(tiny("ahan", override), colours(), "r", tmp_path, "cuda")
    assert all(value.isfinite().all() for value in run.model.state_dict().values())
    assert next(run.model.parameters()).device.type == "cuda"
    assert torch.cuda.max_memory_allocated() > 0
