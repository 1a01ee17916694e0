"""What large jobs are made of -> results/benchmarks/plan_parts.csv, and what that foretells -> plan_check.csv.

A part is a straight line through two small jobs of its kind: seconds to begin with, and seconds a unit, of one core.
What it says of a job of ten times the work of the larger one is compared with that job: the check. Seconds are of the
processor, and still longer on a machine with other work, which takes caches and memory's time away: so small jobs and
the large one take turns, medians are compared, and the machine's load is told.
Run: `python -m benchmarks.plan_parts [PART…]`.
"""

import ctypes
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syntwins.knobs import SetConfig

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.plan import FILE, IMAGES, told
from twinlib.files import write_text
from twinlib.paths import results_dir

WITHIN = 0.2  # of the prediction
ROUNDS, TURNS = 3, 2  # of small jobs and the large one; of a small job in a round
MMAP_THRESHOLD = -3  # parameter of glibc's mallopt


@dataclass(frozen=True)
class Kind:
    """A part of a job.

    Attributes:
        unit: what is counted.
        power: 2 where the work grows with the square of the count.
        sizes: the two calibrations; the check is ten times the work of the second.
        shared: whether many workers can do it.
    """

    unit: str
    power: int
    sizes: tuple[int, int]
    shared: bool = True


KINDS = {
    "render": Kind("family", 1, (2, 4)),
    "join": Kind("family", 1, (100, 500), shared=False),
    "landmarks": Kind("image", 1, (16, 32)),
    "embed": Kind("image", 1, (16, 32)),
    "nearest": Kind("image", 2, (4096, 8192)),
    "head": Kind("identity", 1, (10_000, 30_000)),
}


def line(sizes: tuple[int, int], seconds: tuple[float, float], power: int) -> tuple[float, float]:
    """Seconds to begin with (never below 0) and seconds a unit (of the power), from two sizes of a job."""
    a, b = (size**power for size in sizes)
    slope = (seconds[1] - seconds[0]) / (b - a)
    begin = seconds[0] - slope * a
    return (begin, slope) if begin >= 0 else (0.0, seconds[1] / b)


# A part, given a count of units and a folder, prepares until its first yield; what is timed ends with its second, the
# bytes that a unit leaves on the disk and in the memory of one process.
Work = Iterator[tuple[float, float]]
READY = (0.0, 0.0)


def set_of(families: int) -> "SetConfig":
    from syntwins.knobs import Families, SetConfig

    none = Families(mz=0, dz=0, sibling=0, images=IMAGES)
    some = Families(mz=families, dz=0, sibling=0, images=IMAGES)
    return SetConfig(name="plan", train=some, validation=none, test=none)


def render(count: int, folder: Path) -> Work:
    from syntwins.sets.dataset import _render_one
    from syntwins.sets.plan import plan_families

    yield READY
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    for one in plan_families(set_of(count)):
        _render_one(set_of(count), folder, folder / "parts", one)
    yield sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / count, 0.0


def before_join(count: int, folder: Path) -> list[Path]:
    """Parts of so many families: eight that were rendered, under other names."""
    if not (folder / "parts").is_dir():
        list(render(8, folder))
        (folder / "kept").mkdir()
    rendered = []
    for file in sorted((folder / "parts").glob("*.npz")):
        with np.load(file) as part:
            rendered.append({name: part[name] for name in part.files})
    found = [folder / f"kept/{i}.npz" for i in range(count)]
    for i, file in enumerate(found):
        if not file.is_file():
            part = rendered[i % len(rendered)]
            rows = json.loads(str(part["rows"]))
            named = [[f"{cell}-{i}" if k in (0, 2, 3) else cell for k, cell in enumerate(row)] for row in rows]
            np.savez(file, **(part | {"rows": np.str_(json.dumps(named))}))
    return found


def join(count: int, folder: Path) -> Work:
    """Rows and arrays of all families in one table and one file."""
    from syntwins.sets import dataset

    (folder / "many").mkdir()
    for file in before_join(count, folder):
        (folder / "many" / file.name).hardlink_to(file)  # the work removes its parts
    sizes = [file.stat().st_size for file in (folder / "many").iterdir()]
    plans = [SimpleNamespace(name=str(i)) for i in range(count)]
    yield READY
    dataset._assemble(set_of(count), folder, folder / "many", plans)
    disk = sum((folder / name).stat().st_size for name in ("manifest.csv", "truth.npz", "dataset.json"))
    yield disk / count, 2 * sum(sizes) / count  # the arrays of the parts, and the same joined


def landmarks(count: int, folder: Path) -> Work:
    from twinlib.faces.faceparts import FaceStep

    root = folder / "faces"
    if not root.is_dir():
        list(render(6, root))
    paths = sorted(str(file.relative_to(root)) for file in root.rglob("*.jpg"))
    yield READY
    with FaceStep(root, 112, upright=True) as step:
        columns = step.rows([(paths[i % len(paths)], None) for i in range(count)])
    yield sum(value.nbytes for value in columns.values()) / count, 0.0


def embed(count: int, folder: Path) -> Work:
    import cv2

    from twinlib.faces.detect.weights import SFACE, shipped

    cv2.setNumThreads(1)
    crop = np.random.default_rng(0).random((1, 3, 112, 112), np.float32)
    yield READY
    net = cv2.dnn.readNetFromONNX(np.frombuffer(shipped(SFACE), np.uint8))
    for _ in range(count):
        net.setInput(crop)
        e = net.forward()
    yield e.nbytes, 0.0


def nearest(count: int, folder: Path) -> Work:
    """The best other of each, in tiles of one size, so that a pair costs the same at any count."""
    e = np.resize(np.random.default_rng(0).standard_normal((1024, 128), np.float32), (count, 128))
    yield READY
    for i in range(0, count, 1024):
        best = np.full(len(e[i : i + 1024]), -np.inf, np.float32)
        for j in range(0, count, 8192):
            cos = e[i : i + 1024] @ e[j : j + 8192].T
            if j <= i < j + 8192:
                np.fill_diagonal(cos[:, i - j :], -np.inf)
            best = np.maximum(best, cos.max(1))
    yield 0.0, e.nbytes / count


def head(count: int, folder: Path) -> Work:
    """One step, after another that makes the optimiser's arrays."""
    from functools import partial

    import torch

    from twinlib.figures.exhibits.scaling import head_bytes
    from twinlib.losses.arcface import arcface_logits
    from twinlib.losses.sharded import ShardedHead

    torch.set_num_threads(1)
    net = ShardedHead(partial(arcface_logits, s=64.0, m=0.5), 512, count)
    net.weight.data.normal_(std=0.05)
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    e, label = torch.randn(128, 512, requires_grad=True), torch.randint(count, (128,))
    for ready in (False, True):
        if ready:
            yield READY
        opt.zero_grad()
        net(e, label).backward()
        opt.step()
    yield 0.0, head_bytes(count, 1)["peak"] / count


WORK: dict[str, Callable[[int, Path], Work]] = {
    "render": render, "join": join, "landmarks": landmarks, "embed": embed, "nearest": nearest, "head": head,
}  # fmt: skip


def seconds_of(name: str, count: int, folder: Path) -> tuple[float, tuple[float, float]]:
    """Processor seconds of a part, and the bytes that a unit of it leaves."""
    work = WORK[name](count, folder)
    next(work)
    began = time.process_time()
    left = next(work)
    return time.process_time() - began, left


def fresh_memory() -> None:
    """Every large array comes fresh from the system, as in a large job; an allocator keeps those of a small one."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, 1 << 20)


def measure(names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parts, and what they foretell of ten times as much beside what that took."""
    fresh_memory()
    parts, checks = [], []
    for name in names:
        kind = KINDS[name]
        ten = round(kind.sizes[1] * 10 ** (1 / kind.power))
        took: dict[int, list[float]] = {size: [] for size in (*kind.sizes, ten)}
        loads = []
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            seconds_of(name, kind.sizes[0], folder)  # imports, compiled kernels, caches
            for _ in range(ROUNDS):
                for size in (*kind.sizes * TURNS, ten):
                    seconds, (disk, memory) = seconds_of(name, size, folder)
                    took[size].append(seconds)
                loads.append(os.getloadavg()[0])
        small, large, tenfold = (median(took[size]) for size in took)
        begin, unit = line(kind.sizes, (small, large), kind.power)
        parts.append({"part": name, "unit": kind.unit, "power": kind.power, "shared": kind.shared, "begin_s": begin,
                      "unit_s": unit, "disk_bytes": disk, "memory_bytes": memory})  # fmt: skip
        row = pd.Series(parts[-1])
        off = abs(tenfold / told(row, ten) - 1)
        checks.append({"part": name, "calibrated": kind.sizes[1], "checked": ten, "told_s": told(row, ten),
                       "took_s": tenfold, "load": median(loads), "value": off, "wanted": f"<= {WITHIN}"})  # fmt: skip
        print(checks[-1], flush=True)
    return pd.DataFrame(parts), pd.DataFrame(checks)


def main() -> None:
    names = sys.argv[1:] or list(KINDS)
    for file, table in zip((FILE, "plan_check.csv"), measure(names), strict=True):
        path = results_dir() / "benchmarks" / file
        if path.is_file():
            old = pd.read_csv(path)
            table = pd.concat([old[~old["part"].isin(names)], table])
        write_text(path, table.to_csv(index=False, float_format="%.4g", lineterminator="\n"))


if __name__ == "__main__":
    main()
