import subprocess
import sys
from pathlib import Path

import pytest

from twinlib.data import rendered

ROOT = Path(__file__).parents[2]


def test_every_name_is_there():
    assert all(callable(getattr(rendered, name)) or name.isupper() for name in rendered.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nobody'"):
        rendered.nobody  # noqa: B018


def test_asking_for_the_sets_loads_nothing_that_draws():
    code = "import sys; from twinlib.data.rendered import SETS; print(len(SETS) > 10, 'numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"
