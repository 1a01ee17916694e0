"""Two steps of each paper's own size and recipe on a processor, from weights that timm itself wrote."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from twinlib import config
from twinlib.data.feed.trainset import TrainSet
from twinlib.train.loop import train
from twinlib.train.pretraining.start import starting_weights

pytestmark = pytest.mark.slow
FEW = ("train.groups=1", "train.images_per_subject=2", "train.accumulate=1", "train.warmup=0")
LEAST = (*FEW, "train.images_per_subject=1")  # an image of each twin
ROWS = {
    "ahan": FEW,
    "miao": ("train.groups=3", "train.images_per_subject=1"),
    "local_global": FEW,
    "dcal": LEAST,
    "transfg": LEAST,
    "transface": LEAST,
    "topofr": ("train.groups=2", "train.images_per_subject=2", "train.accumulate=1"),
    "sym_mobilefacenet": ("train.groups=2", "train.images_per_subject=2", "train.accumulate=1"),
}


def faces(size):
    """Noise of four families of twins and four single people, two images each."""
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(12), 2)
    family = np.where(subject < 8, subject // 2, subject - 4)
    boxes = np.broadcast_to([0.1, 0.2, 0.7, 0.9], (24, 4, 4))
    columns = np.tile([size * 0.35, size * 0.65, size * 0.5], (24, 1))
    crops = rng.integers(0, 255, (24, size, size, 3), dtype=np.uint8)
    return TrainSet(crops, boxes, np.arange(24), subject, family, subject < 8, columns)


@pytest.mark.parametrize("name", ROWS)
def test_two_steps_of_the_papers_size(name, tmp_path):
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    given = list(ROWS[name])
    experiment = config.load(name, "full")
    if experiment.train.trunk == "hub":
        file = tmp_path / "published.safetensors"
        save_file(timm.create_model(experiment.model.backbone, pretrained=False).state_dict(), file)
        given.append(f"train.trunk={file}")
    experiment = config.load(name, "full", tuple(given))
    experiment = config.load(
        name, "full", (*given, f"train.passes={2 * experiment.train.batch * experiment.train.accumulate}")
    )
    start, init = starting_weights(experiment)
    assert init == ("scratch" if start is None else "file: published.safetensors")
    done = train(experiment, faces(experiment.data.size), "run", tmp_path / "checkpoints", "cpu", start)
    assert done.steps == 2
    assert all(torch.isfinite(p).all() for p in done.model.parameters())
    if start is not None:
        moved = done.model.backbone.state_dict()
        assert any(not torch.equal(moved[key], value) for key, value in start.items())
