"""What a training step spends its time on, and the limit beside it -> results/benchmarks/step_time.csv.

The real batches, network, losses and optimiser of an experiment, on aligned faces of the rendered set `study`, in one
process. On a CPU the clock is this process's own time on one thread: it stands still while others run. The limit of a
part is what its multiplications and additions take at the speed of a large matrix product, or what the bytes that it
cannot avoid take at the speed of a large copy, both measured in the same minute.
Run: `python benchmarks/step_time.py [--device cuda]`; a run replaces the rows of its device.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch

import numpy as np
import pandas as pd
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch.utils.flop_counter import FlopCounterMode

from twinlib import config
from twinlib.config import MODELS
from twinlib.data.feed.trainset import TrainSet, train_set
from twinlib.data.rendered import prepare
from twinlib.files import write_text
from twinlib.paths import results_dir
from twinlib.train import loop
from twinlib.train.batches import Batches
from twinlib.train.engine import Engine, Objective
from twinlib.train.optim import frozen_parameters, optimizer
from twinlib.train.pretraining.start import trunk_file
from twinlib.train.stored import checkpoint

PARTS = ["data", "forward", "loss", "backward", "optimiser"]
LARGE = ("model.patch=16", "model.width=768", "model.depth=12", "model.heads=12", "model.mlp_ratio=4.0",
         "model.stem=patch", "train.trunk=null", "train.frozen=null", "train.groups=2",
         "train.images_per_subject=2")  # fmt: skip
CASES = {
    "vit, cpu profile": ("vit", (), 12),
    "vit_grid, cpu profile": ("vit_grid", (), 12),
    "ahan, cpu profile": ("ahan", (), 12),
    "vit, size of ViT-B/16": ("vit", LARGE, 4),
    "ahan, size of ViT-B/16": ("ahan", LARGE, 4),
}


class Clock:
    """Seconds of our own work."""

    def __init__(self, device: str) -> None:
        self.cuda = device == "cuda"

    def __call__(self) -> float:
        if self.cuda:
            torch.cuda.synchronize()
        return time.perf_counter() if self.cuda else time.process_time()


def engine_of(experiment: config.Experiment, data: TrainSet, device: str) -> Engine:
    """Everything that a step needs, as `twinlib.train.loop` puts it together."""
    torch.manual_seed(0)
    accelerator = Accelerator(cpu=device == "cpu")
    batches = Batches(experiment, data, accelerator.device)
    net = MODELS.build(experiment.model)
    if experiment.train.trunk is not None:
        loop.load_backbone(net, load_file(trunk_file(experiment.train.trunk)))
        for parameter in frozen_parameters(net, experiment.train.frozen):
            parameter.requires_grad_(False)
    objective = Objective(experiment, batches.classes).to(accelerator.device)
    net, opt = accelerator.prepare(net, optimizer((net, objective), experiment.train))
    return Engine(experiment, 1000, batches, net.train(), objective, opt, accelerator)


def one_step(engine: Engine, step: int, clock: Clock) -> list[float]:
    """Seconds of each part of a step: what `Engine.step` does, with a look at the clock in between."""
    marks = [clock()]
    batch = engine.batches.perturbed(engine.batches(step), step, engine.model)
    marks.append(clock())
    view = engine._forward(batch, step, 0.5)
    marks.append(clock())
    loss = engine.objective(view)
    marks.append(clock())
    engine.accelerator.backward(loss)
    marks.append(clock())
    engine._update(step)
    engine.opt.zero_grad()
    marks.append(clock())
    return list(np.diff(marks))


def speeds(device: str, clock: Clock) -> tuple[float, float]:
    """Operations a second of a large matrix product, bytes a second that a large copy reads and writes."""
    a, here, times = torch.randn(1024, 1024, device=device), torch.ones(2**26, device=device), []
    there = torch.empty_like(here)
    for _ in range(6):
        start = clock()
        a @ a
        middle = clock()
        there.copy_(here)
        times.append((middle - start, clock() - middle))
    product, copy = np.array(times[1:]).min(0)
    return 2 * 1024**3 / product, 2 * here.nbytes / copy


def limits(engine: Engine, flops: float, bandwidth: float) -> dict[str, tuple[float, str]]:
    """Milliseconds that each part takes at least, and what limits it."""
    batch = engine.batches(0)
    with FlopCounterMode(display=False) as forward:
        view = engine._forward(batch, 0, 0.5)
    with FlopCounterMode(display=False) as losses:
        loss = engine.objective(view)
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    engine.opt.zero_grad()
    pixels = batch.images.numel() * (1 + 4)  # read as bytes, written as float32
    moved = 7 * 4 * sum(p.numel() for group in engine.opt.param_groups for p in group["params"])  # Adam: 4 + 3
    counts = {"forward": forward, "loss": losses, "backward": backward}
    found = {part: (1e3 * count.get_total_flops() / flops, "operations") for part, count in counts.items()}
    return found | {"data": (1e3 * pixels / bandwidth, "bytes"), "optimiser": (1e3 * moved / bandwidth, "bytes")}


@torch.no_grad()
def loss_of_eight(engine: Engine, clock: Clock) -> float:
    """Seconds of the loss, forward only, of eight such batches in one, over that of one."""
    view, took = engine._forward(engine.batches(0), 0, 0.5), []
    many = {name: torch.cat([getattr(view, name)] * 8) for name in ("embedding", "subject", "part", "frontness")}
    apart = torch.cat([view.family + k * (view.family.max() + 1) for k in range(8)])
    for given in (view, replace(view, family=apart, **many)):
        times = []
        for _ in range(5):
            start = clock()
            engine.objective(given)
            times.append(clock() - start)
        took.append(np.median(times[1:]))
    return took[1] / took[0]


def saved(engine: Engine, clock: Clock) -> float:
    """Seconds of a checkpoint, for each step between two of them."""
    state = checkpoint.State(run="r", step=1, model=engine.model.state_dict(), loss=engine.objective.state_dict(),
                             optimizer=engine.opt.state_dict(), history=[])  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save_newest(Path(folder), state)  # the first one warms up
        start = clock()
        checkpoint.save_newest(Path(folder), state | {"step": 2})
        return (clock() - start) / engine.experiment.train.checkpoint_every


def rows_of(name: str, engine: Engine, steps: int, device: str) -> list[dict[str, object]]:
    """The rows of a network."""
    clock = Clock(device)
    times = np.median([one_step(engine, step, clock) for step in range(steps + 2)][2:], axis=0)
    limit = limits(engine, *speeds(device, clock))
    images, whole = engine.experiment.train.batch, times.sum()
    parameters = sum(p.numel() for p in engine.net.parameters() if p.requires_grad)
    about = {"network": name, "device": device, "batch": images, "parameters": parameters,
             "embedding": engine.experiment.model.embedding}  # fmt: skip
    spent = dict(zip(PARTS, times, strict=True)) | {"all but data": whole - times[0], "step": whole}
    spent |= {"checkpoint": saved(engine, clock), "loss of 8 batches": times[2] * loss_of_eight(engine, clock)}
    rows = []
    for part, seconds in spent.items():
        least, by = limit.get(part, (np.nan, ""))
        row = {"part": part, "ms": 1e3 * seconds, "share_percent": 100 * seconds / whole}
        rows.append(about | row | {"images_per_s": images / seconds, "limit_ms": least, "limited_by": by})
    print(pd.DataFrame(rows)[["network", "part", "ms", "share_percent", "images_per_s", "limit_ms"]].to_string())
    return rows


def main() -> None:
    """Measure every case and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    device = parser.parse_args().device
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    manifest, faces = prepare("study")
    rows = []
    for name, (experiment, overrides, steps) in CASES.items():
        chosen = config.load(experiment, "cpu", overrides)
        data = train_set(manifest, faces, families=chosen.data.families)
        rows += rows_of(name, engine_of(chosen, data, device), steps, device)
    table, file = pd.DataFrame(rows), results_dir() / "benchmarks/step_time.csv"
    if file.is_file():
        old = pd.read_csv(file)
        table = pd.concat([old[old.device != device], table])
    write_text(file, table.to_csv(index=False, float_format="%.4g", lineterminator="\n"))


if __name__ == "__main__":
    main()
