"""Images a second and core, by precision and form of attention -> results/benchmarks/step_precision.csv.

The training step of an experiment under profile `study`: its real batches, network, losses and optimiser, on aligned
faces of the set `study`, one thread. The clock is this process's own time: it stands still while others run.
Run: `python benchmarks/step_precision.py` (two minutes of processor time).
"""

import os
import time
from itertools import product

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch

import pandas as pd
import torch
from accelerate import Accelerator

from twinlib import config
from twinlib.ahan import attention
from twinlib.config import MODELS
from twinlib.data.feed.trainset import TrainSet, train_set
from twinlib.data.rendered import prepare
from twinlib.files import write_text
from twinlib.models.features import flush_denormals
from twinlib.paths import results_dir
from twinlib.train.batches import Batches
from twinlib.train.engine import Engine, Objective
from twinlib.train.optim import optimizer

STEPS = 8
NETWORKS = ("vit", "vit_grid", "ahan")


def images_a_second(name: str, precision: str, fused: bool, data: TrainSet) -> float:
    """Images of `STEPS` steps over the processor time they took; one step before them is not counted."""
    experiment = config.load(name, "cpu", (f"train.precision={precision}", "train.trunk=null"))
    torch.manual_seed(0)
    batches = Batches(experiment, data, torch.device("cpu"))
    net, objective = MODELS.build(experiment.model), Objective(experiment, batches.classes)
    accelerator = Accelerator(cpu=True)
    engine = Engine(experiment, 250, batches, net.train(), objective, optimizer((net, objective), experiment.train),
                    accelerator)  # fmt: skip
    attention.slow_when_fused = lambda x: not fused
    for module in net.modules():
        if hasattr(module, "fused_attn"):
            module.fused_attn = fused
    engine.step(0, False)
    began = time.process_time()
    for step in range(STEPS):
        engine.step(step + 1, False)
    return STEPS * experiment.train.batch / (time.process_time() - began)


def main() -> None:
    """Measure every combination and write the table."""
    torch.set_num_threads(1)
    flush_denormals()
    data = train_set(*prepare("study"), families=160)
    rows = []
    for name, precision, fused in product(NETWORKS, ("fp32", "bf16"), (True, False)):
        rate = images_a_second(name, precision, fused, data)
        rows.append({"network": name, "precision": precision, "attention": "fused" if fused else "written out",
                     "images_per_s_core": round(rate, 1)})  # fmt: skip
        print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    base = table[(table.precision == "fp32") & (table.attention == "fused")].set_index("network").images_per_s_core
    table["times_fp32_fused"] = (table.images_per_s_core / table.network.map(base)).round(2)
    write_text(results_dir() / "benchmarks/step_precision.csv", table.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    main()
