"""Speed and memory of AHAN against the plain ViT of `timm` with the same head -> results/benchmarks/ahan_speed.csv.

One process. Both networks run in turn on the same images; a ratio is the median of the ratios of each turn, so that
other work of the machine weighs on both sides. On a CPU the clock is this process's own time on one thread: it stands
still while others run. A training step is forward and backward without the optimiser, which both share.
Run: `python benchmarks/ahan_speed.py [--device cuda --precision bf16]`; a run replaces the rows of its device and
precision.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch

import numpy as np
import pandas as pd
import torch

from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.attention import attend, attention_map
from twinlib.ahan.costs import cost_table
from twinlib.ahan.vit import ViT
from twinlib.files import write_text
from twinlib.paths import results_dir

COLUMNS = ["network", "what", "device", "precision", "batch", "base", "ours", "unit", "ratio", "low", "high"]
COLUMNS += ["flop_limit", "wanted"]


class Bench:
    """Rows of one device and precision."""

    def __init__(self, device: str, precision: str) -> None:
        self.device, self.precision, self.rows = torch.device(device), precision, []

    def clock(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
            return time.perf_counter()
        return time.process_time()

    def in_turn(self, *works: Callable[[], object], repeats: int) -> np.ndarray:
        """Milliseconds [repeats, works], the first round left out."""
        times = np.empty((repeats + 1, len(works)))
        for turn in times:
            for i, work in enumerate(works):
                start = self.clock()
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                    work()
                turn[i] = 1000 * (self.clock() - start)
        return times[1:]

    def add(self, network: str, what: str, batch: int, times: np.ndarray, limit: float, wanted: str, unit: str = "ms"):
        ratios = times[:, 0] / times[:, 1]
        low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
        base, ours = np.median(times, axis=0)
        row = [
            network,
            what,
            self.device.type,
            self.precision,
            batch,
            base,
            ours,
            unit,
            middle,
            low,
            high,
            limit,
            wanted,
        ]
        self.rows.append(row)
        print(*(f"{x:.3f}" if isinstance(x, float) else x for x in row), flush=True)


def networks(bench: Bench, name: str, cfg: config.AHAN, batch: int, repeats: int) -> None:
    """AHAN against its base at one size."""
    torch.manual_seed(0)
    plain = config.ViT(**{field: getattr(cfg, field) for field in config.ViT.__dataclass_fields__})
    base, ahan = (kind.to(bench.device) for kind in (ViT(plain), AHAN(cfg)))
    images = (torch.rand(batch, 3, cfg.image_size, cfg.image_size, device=bench.device) * 2 - 1).contiguous(
        memory_format=torch.channels_last
    )
    boxes = torch.tensor([0.2, 0.3, 0.7, 0.8], device=bench.device).expand(batch, 4, 4).contiguous()
    partner = torch.arange(batch, device=bench.device).roll(1)
    costs = cost_table(cfg).set_index("module").flops_percent
    limit = 100 / costs["AHAN"]

    base.eval(), ahan.eval()
    with torch.no_grad():
        times = bench.in_turn(lambda: base(images), lambda: ahan(images, boxes), repeats=repeats)
    bench.add(name, "inference: base / AHAN", batch, times, limit, ">= 0.82")

    base.train(), ahan.train()

    def step(net: torch.nn.Module, paired: tuple[int, ...], *given: torch.Tensor) -> None:
        net.zero_grad(set_to_none=True)
        net.paired = paired
        net(*given).square().sum().backward()

    both = (images, boxes, partner)
    works = [lambda: step(base, (), images), lambda: step(ahan, (), *both), lambda: step(ahan, ahan.candidates, *both)]
    times = bench.in_turn(*works, repeats=repeats)
    average = times[:, 1] + cfg.pair.p * (times[:, 2] - times[:, 1])  # each block pairs up in p of the steps
    bench.add(name, "training step, HCA and FAAM: base / AHAN", batch, times[:, :2], limit, "")
    limit = 100 / (costs["AHAN"] + costs["TA-PWCA"])
    bench.add(name, "training step: base / AHAN", batch, np.stack([times[:, 0], average], 1), limit, ">= 0.85")
    share = np.stack([average - times[:, 1], average], axis=1)
    limit = costs["TA-PWCA"] / (costs["AHAN"] + costs["TA-PWCA"])
    bench.add(name, "TA-PWCA: its time / a training step", batch, share, limit, "<= 0.06")
    memory = np.array([[kept(lambda: base(images)), kept(lambda: ahan(*both))]])
    bench.add(name, "kept for the backward pass: base / AHAN", batch, memory, np.nan, "", "MB")
    weights = np.array([[sum(p.numel() for p in net.parameters()) * 4e-6 for net in (base, ahan)]])
    bench.add(name, "weights: base / AHAN", batch, weights, np.nan, "", "MB")


def kept(forward: Callable[[], torch.Tensor]) -> float:
    """Megabytes of tensors that a forward pass keeps for the backward pass, each memory counted once."""
    seen: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        if not isinstance(tensor, torch.nn.Parameter):
            seen[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        out = forward()  # noqa: F841  alive, so that no memory is given out twice
    return sum(seen.values()) / 1e6


def _fused(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> None:
    attend(Q, K, V).sum().backward()


def _written(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> None:
    (attention_map(Q, K) @ V).sum().backward()


def attentions(bench: Bench, repeats: int) -> None:
    """The fused product against the written-out one, forward and backward."""
    shapes = {
        "self-attention, cpu profile": (96, 2, 197, 197, 48),
        "TA-PWCA, cpu profile": (96, 2, 197, 394, 48),
        "HCA, cpu profile": (96, 2, 64, 196, 48),
        "FAAM, cpu profile": (192, 2, 98, 98, 48),
        "self-attention, ViT-B/16": (4, 12, 197, 197, 64),
    }
    for name, (B, h, N, M, c) in shapes.items():
        kind = torch.bfloat16 if bench.precision == "bf16" else torch.float32
        Q = torch.randn(B, h, N, c, dtype=kind, device=bench.device).requires_grad_()
        K, V = (torch.randn(B, h, M, c, dtype=kind, device=bench.device).requires_grad_() for _ in range(2))
        times = bench.in_turn(partial(_written, Q, K, V), partial(_fused, Q, K, V), repeats=repeats)
        bench.add(name, "attention: written out / fused", B, times, np.nan, ">= 1")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    bench, gpu = Bench(given.device, given.precision), given.device == "cuda"
    attentions(bench, 50 if gpu else 5)
    if gpu or given.precision == "fp32":  # this CPU has no bf16 arithmetic
        networks(bench, "cpu profile", config.load("ahan", "cpu").model, 96, 50 if gpu else 9)
        networks(bench, "ViT-B/16, 224 px", config.AHAN(), 64 if gpu else 2, 20 if gpu else 7)
    table = pd.DataFrame(bench.rows, columns=COLUMNS)
    file = results_dir() / "benchmarks/ahan_speed.csv"
    if file.is_file():
        old = pd.read_csv(file)
        table = pd.concat([old[(old.device != given.device) | (old.precision != given.precision)], table])
    write_text(file, table.to_csv(index=False, float_format="%.4g", lineterminator="\n"))


if __name__ == "__main__":
    main()
