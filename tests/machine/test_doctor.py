import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from twinlib.errors import InputError
from twinlib.machine import doctor as machine

ROOT = Path(__file__).parents[2]


def test_extras_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {"": project["dependencies"], **project["optional-dependencies"]}
    bare = {extra: [re.match(r"[\w-]+", one)[0] for one in packages] for extra, packages in wanted.items()}
    assert {extra: list(packages) for extra, (_, packages) in machine.EXTRAS.items()} == bare


def test_it_says_what_is_there_in_three_seconds_and_imports_no_torch():
    code = (
        "import sys; from twinlib.cli.main import main; code = main(['doctor']); "
        "print('heavy:', [n for n in ('torch', 'cv2', 'mediapipe', 'onnxruntime') if n in sys.modules]); sys.exit(code)"
    )
    began = time.process_time()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert time.process_time() - began < 3
    for part in (
        "twinlib 0",
        "processor:",
        "memory:",
        "graphics card:",
        "YuNet and SFace, both whole",
        "base (",
        "heavy: []",
    ):
        assert part in done.stdout
    assert "missing" not in done.stdout.split("landmarks")[0]


def test_what_is_missing_is_named_with_its_remedy(monkeypatch, capsys):
    known = machine.version
    monkeypatch.setattr(machine, "version", lambda name: None if name in ("numba", "torch") else known(name))
    assert machine.doctor() == 0
    out = capsys.readouterr().out
    assert "missing: numba. Get it: pip install 'twinlib[synth]'" in out
    assert "missing: torch. Get it: pip install 'twinlib[train]'" in out
    monkeypatch.setattr(machine, "version", lambda name: None)
    assert machine.doctor() == 1
    assert "Get it: pip install twinlib\n" in capsys.readouterr().out


@pytest.fixture
def system(monkeypatch):
    files = {}
    monkeypatch.setattr(machine, "_read", lambda file: files.get(file, ""))
    return files


def test_containers_limits_are_told(system):
    system["/sys/fs/cgroup/cpu.max"] = "150000 100000\n"
    assert machine.cores().endswith("of which the container may use 1.5")
    system["/sys/fs/cgroup/cpu.max"] = "max 100000\n"
    assert "container" not in machine.cores()
    system["/proc/meminfo"] = "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB\n"
    assert machine.memory() == "16.0 GiB, 8.0 free"
    system["/sys/fs/cgroup/memory.max"] = str(2**31)
    assert machine.memory() == "16.0 GiB, 8.0 free, the container may use 2.0"


def test_instruction_sets_are_read_from_the_processor(system):
    assert machine.speeds() == "instruction sets not known"
    system["/proc/cpuinfo"] = "model name\t: x\nflags\t\t: fpu avx2 avx512f\n"
    assert machine.speeds() == "instruction sets avx2, avx512f"
    system["/proc/cpuinfo"] = "flags\t\t: fpu sse2\n"
    assert machine.speeds() == "instruction sets without AVX2: slow"
    assert machine.memory() == "not known"


def test_a_driver_that_hangs_or_fails_ends_nothing(monkeypatch, tmp_path):
    driver = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(machine, "PATIENCE_S", 0.5)
    for script, wanted in (
        ("exit 9", "none found"),
        ("exec sleep 30", "its driver does not answer"),
        ("echo 'A card, 16 GiB, 550'", "A card, 16 GiB, 550"),
    ):
        driver.write_text(f"#!/bin/sh\n{script}\n")
        driver.chmod(0o755)
        assert machine.graphics().startswith(wanted)
    driver.unlink()
    assert machine.graphics().startswith("none found")


def test_a_damaged_network_is_named(monkeypatch):
    def damaged(network):
        raise InputError(f"{network.file} is damaged")

    monkeypatch.setattr(machine, "shipped", damaged)
    assert "yunet" in machine.weights()
