"""Every benchmark by one command, its ratios beside their limits, and what has changed.

    python -m benchmarks                                       all, one after the other
    python -m benchmarks losses_speed allpairs                 some
    python -m benchmarks --against results/benchmarks          and name what changed by more than 20 %
    python -m benchmarks --tables build/mine --against DIR     run nothing, compare two folders

A benchmark is a process of its own and rewrites its table in results/benchmarks; what `--against` names is read before.
Exit code 1 if one fails. Changes are told, not judged: times move with the machine.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from twinlib.paths import results_dir

HERE = Path(__file__).parent
LONG = ("study_budget", "gpu_steps", "plan")  # half an hour; needs a GPU; needs a job to plan: only by name
LIMITS = ("wanted", "limit")
BESIDE = ("ratio", "value", "cpu", "share_percent", "rate", "low", "high")  # what a limit may be a limit of


def known() -> list[str]:
    """Names of the benchmarks; the other files here are what they share."""
    return [file.stem for file in sorted(HERE.glob("*.py"))
            if file.stem != "__main__" and '__name__ == "__main__"' in file.read_text(encoding="utf-8")]  # fmt: skip


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a folder, by name."""
    return {file.stem: pd.read_csv(file) for file in sorted(folder.glob("*.csv"))}


def keyed(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers of a table by the texts of their row; rows of one text are counted."""
    numbers = table.select_dtypes("number")
    texts = table.drop(columns=[*numbers, *(name for name in LIMITS if name in table)]).fillna("").astype(str)
    name = texts.agg(", ".join, axis=1) if len(texts.columns) else pd.Series("row", table.index)
    count = name.groupby(name).cumcount() + 1
    return numbers.set_index(name.where(count == 1, name + " #" + count.astype(str)))


def changes(now: pd.DataFrame, before: pd.DataFrame, limit: float) -> Iterator[str]:
    """Lines on the numbers of two tables that differ by more than a share of the larger one, and on lost rows."""
    new, old = keyed(now), keyed(before)
    for name in old.index.difference(new.index, sort=False):
        yield f"{name}: no longer there"
    for name in new.index.intersection(old.index, sort=False):
        for column in new.columns.intersection(old.columns, sort=False):
            a, b = float(old.at[name, column]), float(new.at[name, column])
            if abs(b - a) > limit * max(abs(a), abs(b)):
                yield f"{name}: {column} {a:.4g} → {b:.4g}" + (f" ({100 * (b / a - 1):+.0f} %)" if a else "")


def holds(value: float, wanted: object) -> bool | None:
    """Whether a value keeps a limit such as `>= 1` or `<= 3`; None where the limit is no such text."""
    found = re.fullmatch(r"\s*(>=|<=)\s*([\d.e+-]+)\s*", str(wanted))
    if not found:
        return None
    bound = float(found[2])
    return value >= bound if found[1] == ">=" else value <= bound


def beside_limits(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a limit: their texts, what was measured, the limit, and whether it is kept."""
    limit = next((name for name in LIMITS if name in table), None)
    if limit is None:
        return pd.DataFrame()
    rows = table[table[limit].notna() & (table[limit].astype(str) != "")]
    texts = [name for name in table if name not in (*LIMITS, *BESIDE) and table[name].dtype.kind not in "fc"]
    shown = [name for name in BESIDE if name in table]
    kept = [holds(row[shown[0]], row[limit]) for _, row in rows.iterrows()] if shown else []
    said = {True: "yes", False: "NO", None: ""}
    return rows[[*texts, *shown, limit]].assign(kept=[said[one] for one in kept] if kept else "")


def run(names: list[str]) -> list[str]:
    """Run benchmarks one after the other; returns those that failed."""
    failed = []
    for name in names:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent, check=False).returncode:
            failed.append(name)
    return failed


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known())}; all but the longest if none"
    )
    parser.add_argument("--against", type=Path, metavar="DIR", help="folder of tables to compare with")
    parser.add_argument("--tables", type=Path, metavar="DIR", help="run nothing: these are the new tables")
    parser.add_argument("--change", type=float, default=0.2, help="share of a number that counts as a change (0.2)")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(known())):
        parser.error(f"benchmark {unknown[0]!r} is unknown; known: {', '.join(known())}")
    for folder in filter(None, (options.against, options.tables)):
        if not any(folder.glob("*.csv")):
            parser.error(f"{folder} holds no table (*.csv)")
    before = tables(options.against) if options.against else {}
    chosen = options.names or [name for name in known() if name not in LONG]
    failed = [] if options.tables else run(chosen)
    now = tables(options.tables or results_dir() / "benchmarks")
    if options.names and not options.tables:
        now = {name: table for name, table in now.items() if name.startswith(tuple(options.names))}
    for name, table in now.items():
        if len(limited := beside_limits(table)):
            text = limited.to_string(index=False, na_rep="", float_format="{:.4g}".format)
            print(f"\n{name}: beside its limits\n{text}")
    if options.against:
        lines = [f"{name}: {line}" for name in now if name in before
                 for line in changes(now[name], before[name], options.change)]  # fmt: skip
        print(f"\nchanged by more than {100 * options.change:.0f} %: {len(lines) or 'nothing'}", *lines, sep="\n  ")
    if failed:
        print(f"FAILED {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
