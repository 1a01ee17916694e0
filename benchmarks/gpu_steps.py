"""Milliseconds and memory of AHAN's training step at the paper's size -> results/benchmarks/gpu_steps.csv.

ViT-B/16, 64 images of 224 px, four micro-batches a step, on random pictures and weights: neither changes the time. Each
way is a process of its own, so that peaks are its own. The paper's card had 16 GB.
Run: `python -m benchmarks.gpu_steps [--device cpu --tiny]`.
"""

import argparse
import subprocess
import sys
import time
from io import StringIO

import numpy as np
import pandas as pd
import torch

from benchmarks.step_time import engine_of
from twinlib import config
from twinlib.data.feed.trainset import TrainSet
from twinlib.files import write_text
from twinlib.paths import results_dir

LIMIT_GB = 16.0
WAYS = {  # name → overrides, how the network is called, steps that are timed
    "fp32": ((), None, 10),
    "bf16": (("train.precision=bf16",), None, 20),
    "bf16, recompute": (("train.precision=bf16", "model.recompute=true"), None, 10),
    "bf16, compiled": (("train.precision=bf16",), "default", 20),
    "bf16, CUDA graphs": (("train.precision=bf16",), "reduce-overhead", 200),
}
TINY = ("model.image_size=32", "model.patch=8", "model.width=16", "model.depth=2", "model.heads=2",
        "model.backbone=null", "data.size=32", "train.groups=2", "train.images_per_subject=2",
        "train.accumulate=1")  # fmt: skip


def pictures(size: int, families: int = 80, images: int = 4) -> TrainSet:
    """Noise of so many families of twins, and half as many people alone."""
    subjects = 2 * families + families // 2
    crops = np.random.default_rng(0).integers(0, 256, (subjects * images, size, size, 3), dtype=np.uint8)
    subject = np.repeat(np.arange(subjects), images)
    family = np.where(subject < 2 * families, subject // 2, subject - families)
    boxes = np.broadcast_to(np.float32([0.1, 0.2, 0.7, 0.9]), (len(crops), 4, 4))
    return TrainSet(crops, boxes, np.arange(len(crops)), subject, family, subject < 2 * families)


def measure(way: str, device: str, tiny: bool) -> dict[str, object]:
    """One row."""
    overrides, mode, steps = WAYS[way]
    experiment = config.load("ahan", "full", ("train.trunk=null", *overrides, *(TINY if tiny else ())))
    engine = engine_of(experiment, pictures(experiment.data.size), device)
    if mode and not tiny:
        engine.call = torch.compile(engine.net, mode=mode)
    steps, times = (2 if tiny else steps), []
    for step in range(steps + 3):
        began = time.perf_counter()
        engine.step(step, False)
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    seconds = float(np.median(times[3:]))
    images = experiment.train.batch * experiment.train.accumulate
    peak = torch.cuda.max_memory_allocated() / 1e9 if device == "cuda" else np.nan
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    row = {"way": way, "device": name, "steps": steps, "batch": experiment.train.batch, "ms": 1000 * seconds}
    return row | {"images_per_s": images / seconds, "value": peak}  # GB


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("way", nargs="?", choices=WAYS)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args(arguments)
    if given.way:
        print(pd.DataFrame([measure(given.way, given.device, given.tiny)]).to_json(orient="records"))
        return 0
    rows, failed = [], 0
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.gpu_steps", way, "--device", given.device]
        done = subprocess.run([*command, *["--tiny"] * given.tiny], capture_output=True, text=True, check=False)
        if done.returncode:
            failed = 1
            print(f"{way}: {done.stderr.strip()[-2000:]}", file=sys.stderr)
            continue
        rows.append(
            pd.read_json(StringIO(done.stdout.splitlines()[-1])).iloc[0].to_dict() | {"wanted": f"<= {LIMIT_GB:g}"}
        )
        print(rows[-1], flush=True)
    if rows and not given.tiny:
        text = pd.DataFrame(rows).to_csv(index=False, float_format="%.4g", lineterminator="\n")
        write_text(results_dir() / "benchmarks/gpu_steps.csv", text)
    return failed


if __name__ == "__main__":
    sys.exit(main())
