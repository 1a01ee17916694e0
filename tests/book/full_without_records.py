"""Runs the code of chapters under profile full where nothing was run: `python full_without_records.py CHAPTER ...`.

In one process, as plain code, on the smoke set in place of the large one: what is looked for is a chapter that stops.
Prints a line for each chapter that fails.
"""

import sys
import traceback
from pathlib import Path

import nbformat

from twinlib.data import rendered as preparing

ROOT = Path(__file__).parents[2]
real = preparing.prepare
preparing.prepare = lambda name, size=112, *_: real("smoke", size)


def run(name: str) -> None:
    chapter = nbformat.read(ROOT / f"book/{name}.ipynb", as_version=4)
    space = {"__name__": "__main__"}
    for cell in chapter.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{name}[{cell.id}]", "exec"), space)
            if "parameters" in cell.metadata.get("tags", []):
                space["profile"] = "full"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            run(name)
        except Exception:
            print(f"FAILED {name}", traceback.format_exc(limit=-3), sep="\n", flush=True)
