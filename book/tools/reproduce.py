"""Write the page Reproduce: the command behind every table, from experiments, records and benchmarks themselves."""

import ast
from pathlib import Path

from book.tools.chapters import notebooks
from book.tools.pages import table
from twinlib import config, paths
from twinlib.records.runs import list_runs

PAGE = """# Reproduce

What makes each part of this report again. Written by the build from the experiments, records and benchmarks that exist;
commands are typed in the project's folder.

## The whole report

{whole}

## One chapter

A chapter runs by itself; `-p profile smoke` trains tiny models on the spot, `-p profile cpu` reads committed records.

{chapters}

## One row of a table

An experiment is a row. Each seed is one record in `results/runs/`; with one the command returns at once, and
`twinlib run NAME --profile smoke` always trains anew.

{experiments}

## Measurements

Tables on cost, coverage and speed come from scripts that write one file each.

{benchmarks}

## Is it the same?

Rendered images are the same bytes on every machine for one seed. A network trained again on the same machine, threads
and versions gives the same scores; elsewhere small differences of arithmetic grow during training, so compare
intervals, not digits. `requirements/lock.txt` pins the packages; [Environment](environment.md) says what was used here.
"""

WHOLE = [
    ("everything, from a fresh clone", "make book"),
    ("everything with tiny models, trained from nothing", "make smoke"),
    ("the rendered twins alone", "twinlib synth NAME"),
    ("faces, crops and boxes alone", "twinlib landmarks NAME"),
    ("two rows compared, with intervals", "twinlib compare A B"),
    ("the tests", "make test"),
]


def reproduce(toc: Path) -> str:
    """The page.

    Args:
        toc: `_toc.yml`.
    """
    root = paths.project_root()
    chapters = [
        (f"[]({name}.ipynb)", f"`papermill book/{name}.ipynb out.ipynb -p profile smoke`")
        for name in notebooks(toc, root / "book")
    ]
    return PAGE.format(
        whole=table(["what", "command"], [(what, f"`{command}`") for what, command in WHOLE]),
        chapters=table(["chapter", "command"], chapters),
        experiments=table(["experiment", "question", "command", "records"], _experiments()),
        benchmarks=table(["what", "command", "file"], _benchmarks(root)),
    )


def _experiments() -> list[list[str]]:
    runs = [run.record for run in list_runs()]
    seeds = {name: sorted({r["seed"] for r in runs if r["name"] == name}) for name in config.experiments()}
    return [
        [
            f"`{name}`", _plain(question), f"`twinlib run {name} --profile cpu --seed 0`",
            f"seeds {', '.join(map(str, seeds[name]))}" if seeds[name] else "none yet",
        ]
        for name, question in config.experiments().items()
    ]  # fmt: skip


def _benchmarks(root: Path) -> list[list[str]]:
    rows = []
    for script in sorted((root / "benchmarks").glob("*.py")):
        said = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
        what = _plain(" ".join(said.split()).split(" -> ")[0].rstrip("."))
        made = root / f"results/benchmarks/{script.stem}.csv"
        rows.append(
            [what, f"`python benchmarks/{script.name}`", f"`{made.name}`" if made.is_file() else "not made yet"]
        )
    return rows


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return text.replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[").replace("$", "\\$")
