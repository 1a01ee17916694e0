"""Seconds a texture and an image on one core, and whether time grows with images and cores -> syntwins_speed.csv.

Each figure is the fastest of several rounds, because other work of a machine only ever adds; CPU seconds
of this process stand beside wall seconds. The constants of `syntwins.sets.cost` come from here. Run:
`python -m benchmarks.syntwins_speed`.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from syntwins import SETS, Families, SetConfig, prepare, render_image, synthesise
from syntwins.sets.cost import expected_cost
from syntwins.sets.plan import nuisance_of, plan_families, subject_of
from syntwins.sets.threads import one_thread
from twinlib.files import write_text
from twinlib.paths import results_dir

ROUNDS, IMAGES = 5, 24
CONFIG = SETS["default"]


def fastest(*works: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of the fastest of several rounds."""
    times = []
    for work in works:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return tuple(np.array(times).min(0).tolist())  # type: ignore[return-value]


def one_size(size: int) -> list[tuple]:
    plans = plan_families(CONFIG)[: ROUNDS + 1]
    people = [subject_of(CONFIG, plan, 0) for plan in plans]  # somebody else each time: textures share cached noise
    shots = [nuisance_of(CONFIG, plans[0], 0, i) for i in range(IMAGES)]
    painted = prepare(people[0], size)
    render = lambda count: [render_image(painted, shot, size) for shot in shots[:count]]  # noqa: E731
    render(1)
    texture = fastest(*[lambda person=person: prepare(person, size) for person in people[1:]])
    half = fastest(*[lambda: render(IMAGES // 2)] * ROUNDS)
    whole = fastest(*[lambda: render(IMAGES)] * ROUNDS)
    return [
        (f"texture for {size} px", texture[0], texture[1], "s", 0.2 if size <= 160 else ""),
        (f"image of {size} px", whole[0] / IMAGES, whole[1] / IMAGES, "s", ""),
        (f"images of {size} px a second", IMAGES / whole[0], IMAGES / whole[1], "1/s", 40 if size == 112 else ""),
        (f"time of {IMAGES} over {IMAGES // 2} images, {size} px", whole[0] / half[0], whole[1] / half[1], "x", 2),
    ]


def tiny(families: int) -> SetConfig:
    none = Families(mz=0, dz=0, sibling=0, images=1)
    test = Families(mz=families, dz=0, sibling=0, images=8)
    return SetConfig(name="speed", train=none, validation=none, test=test, size=112)


def used() -> float:
    """CPU seconds of this process and of the processes that it waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def whole_set(families: int, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds of a whole set on disk, start of the processes included."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), used()
        synthesise(tiny(families), Path(folder) / "set", workers=workers)
        return time.perf_counter() - wall, used() - cpu


def sets_and_cores() -> list[tuple]:
    keys = [(6, 1), (12, 1), (12, 2), (24, 2)]
    times = {key: whole_set(*key) for key in keys}
    rows = [(f"{n} families of 2 × 8 images, 112 px, processes: {p}", *times[n, p], "s", "") for n, p in keys]
    rows.append(("time of 12 over 6 families", *np.divide(times[12, 1], times[6, 1]), "x", 2))
    # The start of a process costs the same for any set; what twelve more families take is what grows.
    more = np.subtract(times[24, 2], times[12, 2]) / np.subtract(times[12, 1], times[6, 1]) / 2
    rows.append(("time of a family in 2 processes over 1", *more, "x", "wall 0.5, cpu 1"))
    return rows


def main() -> None:
    rows = [("load average at the start", os.getloadavg()[0], "", "", "")]
    with one_thread():
        for size in (112, 160, 224):
            rows += one_size(size)
    rows += sets_and_cores()
    for name, config in SETS.items():
        rows.append((f"expected of the set {name}", "", expected_cost(config).core_seconds, "s", ""))
    table = pd.DataFrame(rows, columns=["what", "wall", "cpu", "unit", "wanted"])
    print(table.to_string(index=False))
    text = table.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    write_text(results_dir() / "benchmarks/syntwins_speed.csv", text)


if __name__ == "__main__":
    main()
