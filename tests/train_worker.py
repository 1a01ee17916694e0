"""Trainings of the tiny experiment in a process of their own: `python train_worker.py FOLDER CASES`.

CASES is JSON: {case: [experiment, steps, override…]}; several in one process, because starting one takes longer than
they do. Each leaves FOLDER/case/model.safetensors and history.json (a row a step). The word float64 among the overrides
computes in double precision and leaves noise.safetensors too: where a gradient was zero but for rounding.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import torch
from accelerate import PartialState
from safetensors.torch import save_file
from train_fixtures import colours, tiny

from twinlib.train import loop
from twinlib.train.batches import Batch, Batches
from twinlib.train.engine import Engine
from twinlib.train.parallel import leave_to_main


@contextmanager
def widened() -> Iterator[dict[str, torch.Tensor]]:
    """Networks, losses and images in double precision.

    Yields:
        Name of a parameter -> least size of each gradient's number in a step, as a share of the step's largest; a true
        0.0, which Adam answers with no step, does not count.
    """
    before = loop.MODELS, loop.Objective, Batches.__call__, Engine._update
    registry, objective, call, update = before
    least: dict[str, torch.Tensor] = {}

    def wide_batch(self: Batches, number: int) -> Batch:
        batch = call(self, number)
        return replace(batch, images=batch.images.double(), clean=batch.clean.double(), boxes=batch.boxes.double())

    def watched(self: Engine, step: int) -> None:
        sizes = {name: p.grad.abs() for name, p in self.model.named_parameters() if p.grad is not None}
        largest = max(size.max() for size in sizes.values())
        for name, size in sizes.items():
            share = torch.where(size == 0, torch.inf, size / largest)
            least[name] = torch.minimum(least.get(name, share), share)
        update(self, step)

    loop.MODELS = SimpleNamespace(build=lambda cfg: registry.build(cfg).double())
    loop.Objective = lambda experiment, classes: objective(experiment, classes).double()
    Batches.__call__, Engine._update = wide_batch, watched
    try:
        yield least
    finally:
        loop.MODELS, loop.Objective, Batches.__call__, Engine._update = before


def train_case(folder: Path, name: str, steps: int, *overrides: str) -> None:
    """Train once; the main process leaves the files."""
    experiment = tiny(name, f"train.passes={steps * 16}", "train.groups=4", *(o for o in overrides if o != "float64"))
    data, least = colours(families=8, singles=4), {}
    if "float64" in overrides:
        with widened() as least:
            trained = loop.train(experiment, data, "r", folder, "cpu")
    else:
        trained = loop.train(experiment, data, "r", folder, "cpu")
    if PartialState().is_main_process:
        (folder / "history.json").write_text(json.dumps(trained.history))
        save_file(trained.model.state_dict(), folder / "model.safetensors")
        save_file({name: share < 1e-12 for name, share in least.items()}, folder / "noise.safetensors")


def main(folder: str, cases: str) -> None:
    """Train every case, one after the other."""
    torch.set_num_threads(1)
    loop.LOG_EVERY = 1
    for case, (name, steps, *overrides) in json.loads(cases).items():
        train_case(Path(folder, case), name, steps, *overrides)
    leave_to_main()


if __name__ == "__main__":
    main(*sys.argv[1:])
