"""How much each extra brings onto the disk beyond the base -> results/benchmarks/extras_size.csv.

Sizes are those of the files that the packages of this environment list as theirs, with all that they need in turn.
Run: `python -m benchmarks.extras_size`.
"""

from importlib import metadata

import pandas as pd
from packaging.requirements import Requirement

from twinlib import files, paths
from twinlib.machine.doctor import BASE, EXTRAS


def needed(name: str, extras: set[str], seen: dict[str, set[str]]) -> None:
    """Add a package and all that it needs to what was seen."""
    key = name.lower().replace("_", "-")
    if key in seen and extras <= seen[key]:
        return
    seen[key] = seen.get(key, set()) | extras
    try:
        told = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # for another system or an extra that is not asked for
        seen.pop(key)
        return
    for text in told:
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in (*seen[key], "")):
            needed(one.name, set(one.extras), seen)


def size(name: str) -> int:
    return sum(file.size or 0 for file in metadata.files(name) or [])


def main() -> None:
    rows, base = [], {}
    for extra, (what, packages) in EXTRAS.items():
        seen: dict[str, set[str]] = {}
        for package in packages:
            needed(package, {"signatures"} if package == "jsonargparse" else set(), seen)
        new = seen.keys() - base.keys()
        if extra == BASE:
            base = seen
        megabytes = sum(map(size, new)) / 1e6
        rows.append({"extra": extra or "base", "for": what, "packages": len(new), "mb": round(megabytes)})
    table = pd.DataFrame(rows)
    files.write_text(paths.results_dir() / "benchmarks/extras_size.csv", table.to_csv(index=False, lineterminator="\n"))
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
