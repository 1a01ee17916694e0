"""Hours, money, disk and memory of a job far larger than any that was run, from what `plan_parts` measured.

Run: `python -m benchmarks.plan families 10000000 --cores 4000 --price 0.04`.
"""

import argparse
import sys

import pandas as pd

from twinlib.errors import InputError
from twinlib.paths import results_dir

FILE = "plan_parts.csv"
IMAGES = 4  # of each subject; two subjects a family


JOBS = {  # name → what it counts, part → units of it for each
    "families": (
        "rendered families of two people with four images each",
        {"render": 1, "landmarks": 2 * IMAGES, "join": 1},
    ),
    "faces": ("faces of an audit, each compared with all", {"embed": 1, "nearest": 1}),
    "identities": ("class centres, for one step of 128 images", {"head": 1}),
}


def told(row: pd.Series, count: float) -> float:
    """Core-seconds of so many units."""
    return float(row["begin_s"] + row["unit_s"] * count ** row["power"])


def plan(parts: pd.DataFrame, job: str, count: int, cores: int, price: float) -> pd.DataFrame:
    """What a job takes, part by part.

    Args:
        parts: results/benchmarks/plan_parts.csv.
        job: one of `JOBS`.
        count: how many of what it counts.
        cores: workers of one core; a part that cannot be shared has one.
        price: of a core and hour.

    Returns:
        A row a part: core_hours, hours, money, disk_gb, memory_gb (of one process).

    Raises:
        InputError: no such job, or nothing to count.
    """
    if job not in JOBS:
        raise InputError(f"job {job!r} is unknown; known: {', '.join(JOBS)}.")
    if count < 1 or cores < 1 or price < 0:
        raise InputError(
            f"wanted a count and cores of at least 1 and a price of at least 0; found {count}, {cores}, {price}."
        )
    rows = []
    for name, each in JOBS[job][1].items():
        row = parts.set_index("part").loc[name]
        core_hours = told(row, count * each) / 3600
        workers = cores if row["shared"] else 1
        rows.append({
            "part": name, "core_hours": core_hours, "hours": core_hours / workers, "money": core_hours * price,
            "disk_gb": row["disk_bytes"] * count * each / 1e9, "memory_gb": row["memory_bytes"] * count * each / 1e9,
        })  # fmt: skip
    return pd.DataFrame(rows)


def breaks_first(table: pd.DataFrame, memory_gb: float, days: float = 30.0) -> str:
    """Which part is farthest beyond the memory of a machine or beyond a month, and by how much."""
    worst, name, why = 1.0, "", ""
    for row in table.itertuples():
        for amount, limit, what in ((row.memory_gb, memory_gb, "memory"), (row.hours, 24 * days, "time")):
            if amount / limit > worst:
                worst, name, why = amount / limit, row.part, f"{amount:,.0f} {'GB' if what == 'memory' else 'hours'}"
    return f"{name} ({why}, {worst:,.0f} times the limit)" if name else "nothing"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("count", type=int)
    parser.add_argument("--cores", type=int, default=1000)
    parser.add_argument("--price", type=float, default=0.04, help="of a core and hour; an assumption")
    parser.add_argument("--memory", type=float, default=256.0, help="of one machine, GB")
    given = parser.parse_args(arguments)
    try:
        table = plan(pd.read_csv(results_dir() / "benchmarks" / FILE), given.job, given.count, given.cores, given.price)
    except InputError as error:
        print(f"plan: {error}", file=sys.stderr)
        return 2
    print(table.to_string(index=False, float_format="{:,.3g}".format))
    print(f"breaks first: {breaks_first(table, given.memory)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
