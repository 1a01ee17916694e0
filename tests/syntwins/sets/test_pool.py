import subprocess
import sys

import cv2
import pytest

from syntwins.sets import pool
from twinlib.errors import InputError

SCRIPT = """
from syntwins.sets.pool import do_all
from twinlib.errors import InputError
try:
    do_all(abs, [1, 2], "numbers", workers=2)
except InputError as error:
    print("refused:", error)
"""


def fail(number):
    raise InputError(f"number {number} is odd")


def test_a_script_without_its_guard_ends_with_the_reason(tmp_path):
    """A pool that starts its dead processes anew would never end."""
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "refused: a rendering process died" in done.stdout
    assert '`if __name__ == "__main__":`' in done.stdout


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_refuses_arrives_and_the_rest_is_given_up(workers):
    with pytest.raises(InputError, match="number 3 is odd"):
        pool.do_all(fail, [3, 3], "numbers", workers)


def test_threads_are_as_before_afterwards():
    before = cv2.getNumThreads()
    with pool.one_thread():
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == before


def test_nothing_to_do_starts_nothing(monkeypatch):
    monkeypatch.setattr(pool, "get_context", lambda name: pytest.fail("a process was started"))
    pool.do_all(fail, [], "numbers")
