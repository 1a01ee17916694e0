import os
import subprocess
import sys
import time

import joblib
import pytest

from twinlib import paths
from twinlib.errors import InputError
from twinlib.parts import jobs
from twinlib.parts.jobs import done

SCRIPT = """
from twinlib.parts.jobs import done
print(sorted(done(abs, [-1, -2, 3], workers=2)))
"""


def square(number):
    return number * number


def refuse(number):
    raise InputError(f"number {number} is odd")


def die(number):
    os._exit(1)


def where(_):
    time.sleep(0.2)
    return os.getpid(), str(paths.build_dir()), str(paths.results_dir())


def fill(size):
    global KEPT
    KEPT = bytearray(size)
    time.sleep(1.1)  # joblib looks once a second
    return os.getpid()


def test_a_process_that_grows_stays():
    """Joblib would end it, with a warning, and begin another."""
    assert len(set(done(fill, [1, 10, 4 * 10**8, 10, 10, 10], 2))) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_is_done_once(workers):
    assert sorted(done(square, range(7), workers)) == [0, 1, 4, 9, 16, 25, 36]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_refuses_arrives_and_the_rest_is_given_up(workers):
    with pytest.raises(InputError, match="number 3 is odd"):
        list(done(refuse, [3, 3], workers))


def test_a_dead_process_is_told_with_its_remedy():
    with pytest.raises(InputError, match=r"process died.*What is done is kept.*fewer workers"):
        list(done(die, [1, 2, 3], 2))


def test_other_processes_have_this_ones_folders(monkeypatch, tmp_path):
    list(done(square, [1, 2], 2))  # the processes are there before the folder is another one
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWINLIB_BUILD", "mine")
    found = list(done(where, range(4), 2))
    assert {one[1] for one in found} == {str(tmp_path / "mine")}
    assert os.getpid() not in {one[0] for one in found}


def test_one_worker_is_this_process_and_nothing_to_do_starts_nothing(monkeypatch):
    monkeypatch.setattr(jobs, "Parallel", lambda **_: pytest.fail("processes were started"))
    assert next(iter(done(where, [0], 1)))[0] == os.getpid()
    assert list(done(refuse, [], 2)) == []


def test_a_script_needs_no_guard(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    run = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, timeout=120)
    assert run.stdout == "[1, 2, 3]\n", run.stderr


def test_another_backend_of_joblib_is_taken():
    assert not jobs.on_cluster()
    with joblib.parallel_config("threading", n_jobs=2):
        assert jobs.on_cluster()
        assert {one[0] for one in done(where, range(3), 1)} == {os.getpid()}
