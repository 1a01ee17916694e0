"""The smoke book, built once for all tests that look at pages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import address, chromium, visit  # noqa: F401 - fixtures of the tests that look at pages
from once import once

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def smoke_book(tmp_path_factory) -> Path:
    """Folder with `html/`, `book/` and `data/` of a smoke book made from nothing, by the same steps as `make smoke`.

    TWINLIB_TEST_BOOK names a finished one (e.g. build/smoke) instead, for quick work on the tests themselves.
    """
    if finished := os.environ.get("TWINLIB_TEST_BOOK"):
        return Path(finished).resolve()
    return once(tmp_path_factory, "book", _make) / "smoke"


def _make(build: Path) -> None:
    command = [sys.executable, "-m", "doit", "-n", "2", "-P", "thread", "profile=smoke", "device=cpu", "seed=0"]
    environment = os.environ | {"TWINLIB_BUILD": str(build)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1500)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
