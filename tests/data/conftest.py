import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real photographs and reference numbers that is not part of the repository."""
    folder = Path(os.environ.get("TWINLIB_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no real photographs here: set TWINLIB_DATA to the folder that holds lfw/ (or use ../shared/data)")
    return folder
