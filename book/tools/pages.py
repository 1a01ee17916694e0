"""Write the two pages that no one should write by hand: Status and Environment."""

import importlib.metadata
import os
import platform
import re
import subprocess
from ast import literal_eval
from pathlib import Path

import nbformat

from book.tools.chapters import notebooks
from book.tools.gate import findings
from book.tools.parameters import declared
from twinlib import paths
from twinlib.files import read_json, write_text

STATUS = """# Status

What each page and each result of this report was made with. Written by the build; nothing here is typed.

## Chapters

Each chapter ran in a kernel of its own, from top to bottom, with the parameters in its row. "Memory" is the kernel's
peak; a commit with a plus had local changes.

{chapters}

## Results

Every record the chapters may draw on, one row a run. Its `run.json` names configuration, data, weights,
versions and commit.

{runs}
"""

ENVIRONMENT = """# Environment

Where the chapters of this report ran. `requirements/lock.txt` pins every package with its hash.

## Machine

{machine}

## Packages

{packages}
"""


def status(executed: Path, toc: Path) -> str:
    """The Status page.

    Args:
        executed: folder of executed chapters.
        toc: `_toc.yml`.
    """
    head = ["chapter", "result", "run time", "memory", "profile", "device", "seed", "commit", "finished (UTC)"]
    rows = [_chapter(executed / f"{name}.ipynb") for name in notebooks(toc, executed)]
    runs = [_run(path) for path in sorted((paths.results_dir() / "runs").glob("*/run.json"))]
    shown = table(["run", "profile", "device", "seed", "wall time", "commit", "finished (UTC)"], runs)
    return STATUS.format(chapters=table(head, rows), runs=shown if runs else "No run has been recorded yet.")


def environment() -> str:
    """The Environment page."""
    names = {dist.metadata["Name"]: dist.version for dist in importlib.metadata.distributions()}
    packages = sorted(names.items(), key=lambda item: item[0].lower())
    machine = [
        ["Operating system", f"{platform.system()} {platform.machine()}"],
        ["Python", f"{platform.python_implementation()} {platform.python_version()}"],
        ["Processor", f"{_cpu()}, {len(os.sched_getaffinity(0))} cores available"],
        ["Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"],
        ["GPU", _gpu()],
    ]
    return ENVIRONMENT.format(
        machine=table(["part", "found"], machine), packages=table(["package", "version"], packages)
    )


def table(head: list[str], rows: list[list[str]] | list[tuple[str, str]]) -> str:
    """A Markdown table; a bar inside a value would split its cell, so it is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(value).replace("|", "\\|") for value in line) + " |" for line in lines)


def write(executed: Path, toc: Path) -> None:
    """Write `status.md` and `environment.md` into the folder of executed chapters."""
    write_text(executed / "status.md", status(executed, toc))
    write_text(executed / "environment.md", environment())


def _chapter(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    ran, ours = notebook.metadata.get("papermill", {}), notebook.metadata.get("twinlib", {})
    defaults = {name: literal_eval(field["default"]) for name, field in declared(path).items()}
    parameters = defaults | ran.get("parameters", {})
    return [
        f"[]({path.stem}.ipynb)",
        "passed" if not findings(notebook) else "**failed**",
        f"{ours.get('seconds', 0):.0f} s",
        f"{ours.get('peak_memory_mb', 0)} MB",
        *(str(parameters.get(name, "–")) for name in ("profile", "device", "seed")),
        _commit(ours.get("commit"), ours.get("dirty")),
        _minute(ran.get("end_time")),
    ]


def _run(path: Path) -> list[str]:
    record = read_json(path)
    config = record.get("config", {})
    value = {**config, **record}
    seconds = value.get("wall_seconds")
    return [
        f"`{path.parent.name}`",
        *(str(value.get(name, "–")) for name in ("profile", "device", "seed")),
        f"{seconds:.0f} s" if seconds is not None else "–",
        _commit(value.get("commit"), value.get("dirty")),
        _minute(value.get("finished")),
    ]


def _commit(commit: str | None, dirty: bool | None) -> str:
    return f"`{commit[:8]}{'+' if dirty else ''}`" if commit else "–"


def _minute(stamp: str | None) -> str:
    return stamp[:16].replace("T", " ") if stamp else "–"


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    match = re.search(r"^model name\s*: (.+)$", text, flags=re.MULTILINE)
    return match[1] if match else platform.processor() or "unknown"


def _gpu() -> str:
    """Name, memory and driver as the driver's own tool says; asking torch would cost seconds."""
    command = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return "none"
    return "; ".join(done.stdout.strip().splitlines()) if done.returncode == 0 else "none"
