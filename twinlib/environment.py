"""Where and from what a run came: versions, hardware, commit, command line. Cheap: imports nothing it reports on."""

import os
import platform
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from twinlib import paths
from twinlib.version import __version__

PACKAGES = (
    "accelerate",
    "mediapipe",
    "numba",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "pandas",
    "ripser",
    "safetensors",
    "scikit-learn",
    "scipy",
    "timm",
    "torch",
    "torchvision",
)
CODE = ("twinlib", "data_prep", "requirements", "pyproject.toml")  # what makes a result; text and results do not


def environment() -> dict[str, object]:
    """Versions and hardware as plain values.

    Returns:
        twinlib, python, platform, cpu, cores, packages (those installed), accelerator (None unless this process has
        imported torch and torch sees one).
    """
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "twinlib": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "accelerator": _accelerator(),
        "packages": packages,
    }


def commit() -> tuple[str | None, bool | None]:
    """Commit of the library's code and whether that code has changes that are not committed.

    Returns:
        (None, None) where the library does not lie in a clone of its own repository, or git is missing.
    """
    root = paths.package_dir().parent
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top) != root.resolve():  # installed inside another repository, whose commit says nothing
        return None, None
    changes = _git(root, "status", "--porcelain", "--", *CODE)
    return _git(root, "rev-parse", "HEAD"), None if changes is None else bool(changes)


def command_line() -> str:
    """The command that runs, as one would type it, without a folder of this machine.

    Paths below the project become relative to it, others keep their last part.
    """
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] not in ("", "-c") else "python -c …"
    program = "twinlib" if program == "main.py" else program  # started as `python -m twinlib.cli.main`
    return shlex.join([program, *map(_portable, sys.argv[1:])]) if program != "python -c …" else program


def peak_memory_mb() -> float:
    """Largest resident memory of this process and of its largest child so far, in MiB (2^20 bytes)."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if (status := Path("/proc/self/status")).is_file():  # Linux's own count in getrusage starts at the parent's
        own = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    else:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(max(own, children) / (2**20 if sys.platform == "darwin" else 2**10), 1)


def absolute_paths(value: object, field: str = "") -> list[tuple[str, str]]:
    """Every (field, text) in nested plain values whose text holds a path of one machine; addresses are none."""
    if isinstance(value, dict):
        inside = [found for key, part in value.items() for found in absolute_paths(part, f"{field}.{key}".lstrip("."))]
        return inside + [found for key in value for found in absolute_paths(str(key), field)]
    if isinstance(value, list | tuple):
        return [found for i, part in enumerate(value) for found in absolute_paths(part, f"{field}[{i}]")]
    pattern = r"""(?:^|[\s"'=:,;(\[])(?:/(?!/)[^\s/]|~/|[A-Za-z]:[\\/](?!/))"""
    return [(field, value)] if isinstance(value, str) and re.search(pattern, value) else []


def _portable(argument):
    key, equals, value = argument.rpartition("=")
    path = Path(value)
    if not path.is_absolute():
        return argument
    root = paths.project_root()
    return key + equals + (str(path.relative_to(root)) if path.is_relative_to(root) else path.name)


def _git(root, *arguments):
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _cpu():
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.machine()


def _accelerator():
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return {"name": torch.cuda.get_device_name(0), "count": torch.cuda.device_count(), "cuda": torch.version.cuda}
