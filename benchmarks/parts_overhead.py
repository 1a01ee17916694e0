"""What joblib and a Dask cluster cost beside plain processes -> results/benchmarks/parts_overhead.csv.

The same families are rendered by two processes each way, in turn, after every process has rendered one. Told are
processor seconds of all processes together (this one, the workers, the scheduler): other work on the machine stretches
the clock, not these. On an idle machine the clock says the same.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import psutil

from syntwins.knobs import Families, SetConfig
from syntwins.sets.dataset import _render_one
from syntwins.sets.plan import FamilyPlan, plan_families
from twinlib.parts.cluster import at
from twinlib.parts.jobs import done
from twinlib.paths import results_dir

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from dask_processes import dask_cluster

FAMILIES, IMAGES, TURNS = 40, 4, 5
NONE = Families(mz=0, dz=0, sibling=0, images=IMAGES)
TWINS = Families(mz=FAMILIES, dz=0, sibling=0, images=IMAGES)
SET = SetConfig(name="overhead", train=TWINS, validation=NONE, test=NONE)


def spent() -> float:
    """Processor seconds of this process and all below it that live."""
    me = psutil.Process()
    total = 0.0
    for process in (me, *me.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def timed(way: Callable[[list[FamilyPlan]], Iterable[object]], plans: list[FamilyPlan]) -> tuple[float, float]:
    """Processor and clock seconds of rendering families, once every worker is warm."""
    list(way(plans[:4]))
    before, began = spent(), time.perf_counter()
    list(way(plans[4:]))
    return spent() - before, time.perf_counter() - began


def main() -> None:
    plans = plan_families(SET)
    rows = []
    with tempfile.TemporaryDirectory() as text, dask_cluster(Path(text)) as running:
        folder = Path(text) / "set"
        (folder / "parts").mkdir(parents=True)
        job = partial(_render_one, SET, folder, folder / "parts")

        def cluster(some: list[FamilyPlan]) -> list[object]:
            with at(running.address):
                return list(done(job, some))

        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            ways = {"plain processes": partial(pool.map, job), "joblib": lambda some: done(job, some, 2),
                    "Dask, two workers": cluster}  # fmt: skip
            for turn in range(TURNS):
                for name, way in ways.items():
                    processor, clock = timed(way, plans)
                    rows.append({"way": name, "turn": turn, "processor_s": processor, "clock_s": clock})
                    print(rows[-1], flush=True)
    table = pd.DataFrame(rows).groupby("way", sort=False)[["processor_s", "clock_s"]].median()
    plain = table.loc["plain processes", "processor_s"]
    table["ratio"] = (table["processor_s"] / plain).round(3)
    table["wanted"] = ["", *["<= 1.1"] * (len(table) - 1)]
    table = table.round({"processor_s": 2, "clock_s": 1}).assign(
        families=FAMILIES - 4, images=2 * IMAGES * (FAMILIES - 4)
    )
    file = results_dir() / "benchmarks/parts_overhead.csv"
    table.to_csv(file, lineterminator="\n")
    print(table.to_string())


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
