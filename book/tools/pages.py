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
peak; a commit with a plus had local changes; times are UTC.

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
    head = ["chapter", "result", "run time", "memory", "profile", "device", "seed", "commit", "finished"]
    rows = [_chapter(executed / f"{name}.ipynb") for name in notebooks(toc, executed)]
    profiles = {row[head.index("profile")] for row in rows}
    runs = [_run(record) for record in _records() if record["profile"] in profiles]
    shown = table(["run", "profile", "data", "device", "seed", "wall time", "memory", "commit"], runs)
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


def _records() -> list[dict]:
    """Every `run.json`, committed or of the smoke profile, in the order of their names."""
    folders = (paths.results_dir() / "runs", paths.build_dir() / "smoke-runs")
    return [read_json(path) for folder in folders for path in sorted(folder.glob("*/run.json"))]


def _run(record: dict) -> list[str]:
    return [
        f"`{record['run_id']}`",
        *(str(record[name]) for name in ("profile", "dataset", "device", "seed")),
        f"{record['wall_s']:.0f} s",
        f"{record['peak_mb']:.0f} MB",
        _commit(record["commit"], record["dirty"]),
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
