"""A scheduler and two workers as real processes: the bytes of a plain run, whoever dies."""

import os
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from dask_processes import dask_cluster

from twinlib.errors import InputError
from twinlib.parts import cluster
from twinlib.parts.cluster import at, slurm_settings
from twinlib.parts.jobs import done
from twinlib.parts.resumed import joined, make_parts

pytest.importorskip("distributed")


def slowly(number):
    time.sleep(0.4)
    return number, os.getpid()


def bad(number):
    raise InputError(f"number {number} is odd")


class Unknown:
    """A job that workers cannot load."""

    def __call__(self, number):
        return number

    def __reduce__(self):
        return _missing, ()


def _missing():
    raise ImportError("no worker has this")


class Slow:
    """A step of random numbers, drawn from each item."""

    wait = 0.3  # seconds a part, in which something can be killed

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def rows(self, items):
        time.sleep(self.wait)
        return {"x": np.stack([np.random.default_rng(item).random(100) for item in items])}


class Quick(Slow):
    wait = 0


@pytest.mark.slow
def test_a_worker_and_the_scheduler_die(tmp_path, monkeypatch):
    """One cluster for all of it: its processes take seconds to start."""
    plain = make_parts(Quick, range(20), tmp_path / "plain", 1, "numbers", 2)
    with dask_cluster(tmp_path) as running:
        with at(running.address):
            assert len({pid for _, pid in done(slowly, range(6))} - {os.getpid()}) == 2
            with pytest.raises(InputError, match="number 3 is odd"):
                list(done(bad, [3, 3]))
            with pytest.raises(InputError, match=r"cannot load their work \(no worker has this\)"):
                list(done(Unknown(), [1, 2]))
            killer = threading.Timer(1.0, running.kill, ["worker0"])
            killer.start()
            parts = make_parts(Slow, range(20), tmp_path / "shared", None, "numbers", 2)
            killer.join()
        assert [part.read_bytes() for part in parts] == [part.read_bytes() for part in plain]
        parts[3].unlink()
        monkeypatch.setattr(cluster, "CONNECT", 5)  # seconds that a scheduler which is gone is waited for
        with at(running.address):  # only the other worker is left
            assert np.array_equal(joined(make_parts(Slow, range(20), tmp_path / "shared", None, "numbers", 2))["x"],
                                  joined(plain)["x"])  # fmt: skip
            with pytest.raises(InputError, match="All machines must share this folder"):
                make_parts(partial(Elsewhere, tmp_path), range(2), tmp_path / "unseen", None, "numbers", 2)
            killer = threading.Timer(1.0, running.kill, ["scheduler"])
            killer.start()
            with pytest.raises(InputError, match=r"scheduler of the cluster went away.*What is done is kept"):
                make_parts(Slow, range(60), tmp_path / "cut", None, "numbers", 2)
            killer.join()
        kept = len(list((tmp_path / "cut").glob("*.npz")))
        assert 0 < kept < 30
        with pytest.raises(InputError, match="no scheduler answers"), at(running.address):
            pass
    make_parts(Quick, range(60), tmp_path / "cut", 1, "numbers", 2)
    assert len(list((tmp_path / "cut").glob("*.npz"))) == 30


class Elsewhere(Slow):
    """A worker whose folder is not ours: what it writes is not seen here."""

    def __init__(self, folder):
        self.folder = folder

    def rows(self, items):
        threading.Thread(target=self._hide).start()
        return super().rows(items)

    def _hide(self):
        until = time.monotonic() + 20
        while not (found := list((self.folder / "unseen").glob("0*.npz"))) and time.monotonic() < until:
            time.sleep(0.001)
        for file in found:
            file.unlink()


def test_without_a_cluster_nothing_changes():
    with at(None), at(""):
        assert list(done(abs, [-1], 1)) == [1]


@pytest.mark.parametrize(
    ("where", "match"),
    [
        ("tcp://127.0.0.1:9", "no scheduler answers"),
        ("127.0.0.1:8786", "wanted tcp://HOST:PORT or a YAML file"),
        ("tls://127.0.0.1:9", r"cannot be asked so .* Use tcp://HOST:PORT"),
        ("none.yaml", "wanted tcp://HOST:PORT or a YAML file"),
    ],
)
def test_what_is_no_cluster_is_named(where, match, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with pytest.raises(InputError, match=match), at(where):
        pass


@pytest.mark.parametrize("greeting", [None, b"", b"SSH-2.0-OpenSSH\r\n"], ids=["silent", "hung up", "another service"])
def test_what_listens_and_is_no_scheduler_is_named_at_once(greeting, monkeypatch):
    """Dask itself waits for ever for a dashboard to greet it."""
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                if greeting is not None:
                    connection.sendall(greeting)
                else:
                    connection.recv(1)  # until the other side gives up

        threading.Thread(target=answer, daemon=True).start()
        where = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(InputError, match="what listens there is no scheduler of Dask"), at(where):
            pass


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"needs distributed.*twinlib\[cluster\]"), at("tcp://127.0.0.1:9"):
        pass


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("slurm: [", "is no YAML"),
        ("pbs: {cores: 1}", "wanted a section `slurm:`"),
        ("slurm: {cores: 1}", "cores and memory"),
        ("slurm: {cores: 1, memory: 1GB, walltme: '1'}", "walltme"),
        ("slurm: {cores: 1, memory: 1GB, walltime: 12:00:00}", r"walltime must stand in quotes"),
        ("slurm: {cores: two, memory: 1GB}", r"slurm\.cores must be a whole number from 1, found 'two'"),
        ("slurm: {cores: 1, memory: 1GB, jobs: 0}", r"slurm\.jobs must be a whole number from 1, found 0"),
        ("slurm: {cores: 1, memory: 1GB, interface: lo, scheduler_options: {dashboard: false}}", "Is `sbatch` there"),
    ],
)
def test_a_bad_slurm_section_is_named(text, match, tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=match), at(str(file)):
        pass


def test_a_core_is_a_process_unless_it_is_said_otherwise(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("slurm: {cores: 4, memory: 8GB, jobs: 2}")
    assert slurm_settings(file)["processes"] == 4
    file.write_text("slurm: {cores: 4, memory: 8GB, processes: 1}")
    assert slurm_settings(file)["processes"] == 1


# What `sbatch` does, on this machine: runs the job's script and prints its number.
SBATCH = """#!/bin/sh
[ "$1" = --test-only ] && { grep -q 'p gpu$' || { echo 'no such partition' >&2; exit 1; }; exit 0; }
eval file=\\${$#}
cp "$file" "$0.$$.sh"
setsid bash "$0.$$.sh" > "$0.$$.log" 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = '#!/bin/sh\nfor job in "$@"; do kill -- -"$job"; done\n'


@pytest.mark.slow
def test_jobs_of_slurm_do_the_work(tmp_path, monkeypatch):
    for name, text in {"sbatch": SBATCH, "scancel": SCANCEL}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cluster, "SLURM_WAIT", 120)
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[1]}{os.pathsep}{os.environ['PYTHONPATH']}")
    Path("c.yaml").write_text(
        "slurm: {cores: 1, memory: 1GB, jobs: 2, queue: gpu, interface: lo, scheduler_options: {dashboard: false}}"
    )
    Path("wrong.yaml").write_text(Path("c.yaml").read_text().replace("gpu", "none"))
    with pytest.raises(InputError, match=r"wrong\.yaml: Slurm takes no job \(no such partition\)"), at("wrong.yaml"):
        pass
    with at("c.yaml"):
        found = list(done(slowly, range(6)))
    assert sorted(number for number, _ in found) == [*range(6)]
    assert os.getpid() not in {pid for _, pid in found}
