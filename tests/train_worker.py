"""A training of the tiny experiment in a process of its own: `python train_worker.py NAME FOLDER STEPS OVERRIDE…`.

Leaves model.safetensors and history.json (a row a step) in the folder. The word float64 among the overrides computes in
double precision, so that parameters whose gradient is zero but for rounding stay where they are.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from train_fixtures import colours, tiny

from twinlib import models
from twinlib.train import loop
from twinlib.train.batches import Batches
from twinlib.train.parallel import leave_to_main


def widen() -> None:
    """Networks, losses and images in double precision."""
    build, objective, call = models.build, loop.Objective, Batches.__call__

    def wide_batch(self: Batches, number: int) -> object:
        batch = call(self, number)
        return replace(batch, images=batch.images.double(), clean=batch.clean.double(), boxes=batch.boxes.double())

    models.build = lambda name, cfg: build(name, cfg).double()
    loop.Objective = lambda experiment, classes: objective(experiment, classes).double()
    Batches.__call__ = wide_batch


def main(name: str, folder: str, steps: str, *overrides: str) -> None:
    """Train and leave the files."""
    torch.set_num_threads(1)
    loop.LOG_EVERY = 1
    if "float64" in overrides:
        widen()
    settings = [text for text in overrides if text != "float64"]
    experiment = tiny(name, f"train.passes={int(steps) * 16}", "train.groups=4", *settings)
    trained = loop.train(experiment, colours(families=8, singles=4), "r", Path(folder), "cpu")
    leave_to_main()
    Path(folder, "history.json").write_text(json.dumps(trained.history))
    save_file(trained.model.state_dict(), Path(folder, "model.safetensors"))


if __name__ == "__main__":
    main(*sys.argv[1:])
