"""What every test gets: no network, no GPU unless asked for, fixed seeds, the folder of real photographs."""

import os
import random
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import order
import pytest

pytest_plugins = ["data_fixtures"]

ROOT = Path(__file__).parents[1]
NO_WEB = ROOT / "tests/noweb"


def pytest_configure(config: pytest.Config) -> None:
    # Before torch or a child process starts: both read these once.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(NO_WEB), str(ROOT), str(ROOT / "data_prep"), *([before] if before else [])]
    )
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["MPLBACKEND"] = "Agg"
    if "gpu" not in config.option.markexpr:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    runpy.run_path(str(NO_WEB / "sitecustomize.py"))  # guards this process


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several processes
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: -order.seconds(item.path, item.path in slow))
    if "gpu" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="runs only when asked for: pytest -m gpu on a machine with a GPU"))


@pytest.fixture(autouse=True)
def _seeds() -> None:
    random.seed(0)
    np.random.seed(0)  # for libraries that use the old global generator
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
        sys.modules["torch"].set_flush_denormal(False)  # a state of the thread, which training leaves behind


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real photographs and reference numbers that is not part of the repository."""
    folder = Path(os.environ.get("TWINLIB_DATA") or ROOT.parent / "shared/data")
    if not folder.is_dir():
        pytest.skip("no real photographs here: set TWINLIB_DATA to the folder that holds lfw/ (or use ../shared/data)")
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A function that mounts a file system of so many bytes, for as long as the test lasts."""
    place = tmp_path / "small"
    place.mkdir()

    def mount(size: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
        if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this process may not mount a small file system")
        return place

    yield mount
    if os.path.ismount(place):
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # weights that were read from it stay mapped
