"""Run one chapter in a kernel of its own and keep the executed copy only if every cell went well.

    python -m book.tools.execute book/06_main.ipynb build/book/06_main.ipynb -p profile smoke -p device cpu

A failure names chapter, cell and line, leaves the half-executed copy in a folder `failed/` beside the target's folder
and exits with code 1; bad parameters exit with code 2 before anything runs.
"""

import argparse
import logging
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from book.tools.parameters import checked
from book.tools.places import shown
from twinlib import paths
from twinlib.errors import InputError
from twinlib.files import replacing

CELL_TIMEOUT_S = 3600


def execute(source: Path, target: Path, given: dict[str, str]) -> None:
    """Run `source` with the parameters `given` and write the scrubbed result to `target`, whole or not at all.

    Raises:
        InputError: for parameters the chapter does not declare (see `book.tools.parameters`).
        ChapterError: if a cell raises, takes longer than an hour, or the kernel dies.
    """
    values = checked(source, given)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    started = time.perf_counter()
    with replacing(target) as temporary:
        try:
            papermill.execute_notebook(
                source, temporary, values, kernel_name="python3", progress_bar=False, cwd=str(paths.project_root()),
                execution_timeout=CELL_TIMEOUT_S, extra_arguments=["--log-level=ERROR"],
            )  # fmt: skip
        except (PapermillExecutionError, DeadKernelError, CellTimeoutError) as error:
            raise ChapterError(_story(source, temporary, target, error)) from error
        notebook = scrub(nbformat.read(temporary, as_version=4))
        notebook.metadata["twinlib"] = _provenance(time.perf_counter() - started)
        nbformat.write(notebook, temporary)


class ChapterError(RuntimeError):
    """A chapter did not run to its end; the message names chapter, cell and line."""


def scrub(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Hide the cell papermill injected and drop the file names it recorded; parameters and durations stay."""
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = sorted({*cell.metadata["tags"], "remove-cell"})
    kept = ("duration", "start_time", "end_time", "exception", "parameters", "version")
    about = notebook.metadata.get("papermill", {})
    notebook.metadata["papermill"] = {key: about[key] for key in kept if key in about}
    return notebook


def _provenance(seconds: float) -> dict[str, object]:
    """What the Status page tells beside papermill's own record."""
    commit = _git("rev-parse", "HEAD")
    return {
        "commit": commit,
        "dirty": bool(_git("status", "--porcelain", "--untracked-files=no")) if commit else None,
        "seconds": round(seconds, 1),
        # The kernel has ended and was this process's largest child.
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(paths.project_root()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _story(source: Path, half: Path, target: Path, error: Exception) -> str:
    """One paragraph that lets the reader go straight to the cell."""
    executed = nbformat.read(half, as_version=4)
    kept = target.parent.parent / "failed" / target.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(executed, kept)
    cell = _failed_cell(executed)
    where = "before its first cell"
    if cell is not None:
        names = [each.id for each in nbformat.read(source, as_version=4).cells]
        number = names.index(cell.id) + 1 if cell.id in names else "that sets the parameters"
        where = f"cell {number} of {len(names)}"
    raised = isinstance(error, PapermillExecutionError)
    what = f"{error.ename}: {error.evalue}" if raised else f"{type(error).__name__}: {error}"
    return f"chapter {source.stem}, {where}: {what.strip()}\n{_line(cell, error)}  half-executed copy: {shown(kept)}"


def _failed_cell(executed: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """The cell with an error output, else the last one that began.

    When the kernel dies papermill notes the cell as completed, so its status cannot be trusted here.
    """
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    raised = [cell for cell in cells if any(output.output_type == "error" for output in cell.outputs)]
    begun = [cell for cell in cells if cell.metadata.get("papermill", {}).get("status", "pending") != "pending"]
    return next(iter([*raised, *begun[-1:]]), None)


def _line(cell: nbformat.NotebookNode | None, error: Exception) -> str:
    """The line of the cell that raised, as IPython's traceback marks it."""
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(getattr(error, "traceback", [])))
    if cell is None or not (marks := re.findall(r"^-+> (\d+) (.*)$", trace, flags=re.MULTILINE)):
        return ""
    number, text = marks[0]
    return f"  line {number}: {text.strip()}\n"


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    try:
        execute(options.source, options.target, dict(options.parameters))
    except InputError as error:
        print(f"REFUSED {error}", file=sys.stderr)
        return 2
    except ChapterError as error:
        print(f"FAILED {error}", file=sys.stderr)
        return 1
    print(f"chapter {options.source.stem}: {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
