"""The size of the house: lines, files, folders, names that stand twice. `python tests/house.py` prints it.

With the file that `coverage json` wrote, it prints the share of lines that the tests run, by room.
"""

import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def modules(folder: Path) -> list[Path]:
    """Every Python file below a folder."""
    return sorted(folder.rglob("*.py"))


def lines(files: list[Path]) -> int:
    """Lines of files, empty ones too."""
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def crowded(files: list[Path], most: int = 10) -> dict[str, int]:
    """Folders that hold more than `most` modules."""
    count = Counter(str(file.parent.relative_to(ROOT)) for file in files if file.name != "__init__.py")
    return {name: number for name, number in sorted(count.items()) if number > most}


def twice(files: list[Path]) -> list[str]:
    """File names that stand more than once, `__init__.py` apart."""
    count = Counter(file.name for file in files)
    return sorted(name for name, number in count.items() if number > 1 and name != "__init__.py")


def covered(report: dict) -> dict[str, float]:
    """Room → share of its statements that ran.

    Args:
        report: what `coverage json` writes.
    """
    counts: dict[str, list[int]] = {}
    for name, file in report["files"].items():
        parts = Path(name).parts
        room = parts[parts.index("twinlib") + 1] if "twinlib" in parts else "syntwins"
        ran, there = counts.setdefault(room, [0, 0])
        counts[room] = [ran + file["summary"]["covered_lines"], there + file["summary"]["num_statements"]]
    return {room: ran / there for room, (ran, there) in sorted(counts.items()) if there}


def main(coverage: str | None = None) -> int:
    if coverage is not None:
        for room, share in covered(json.loads(Path(coverage).read_text(encoding="utf-8"))).items():
            print(f"{room:20} {share:6.1%}")
        return 0
    for name in ("twinlib", "data_prep/syntwins", "tests"):
        files = modules(ROOT / name)
        print(f"{name:20} {lines(files):6} lines in {len(files):3} files")
    files = modules(ROOT / "twinlib")
    rooms = Counter(file.relative_to(ROOT / "twinlib").parts[0] for file in files)
    print("rooms:", ", ".join(f"{room} {count}" for room, count in rooms.most_common() if not room.endswith(".py")))
    print("more than ten modules:", crowded(files) or "none")
    print("names that stand twice:", ", ".join(twice(files)) or "none")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
