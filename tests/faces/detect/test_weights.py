import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from twinlib import paths
from twinlib.errors import InputError
from twinlib.faces.detect.weights import SFACE, YUNET, Shipped, shipped
from twinlib.verify.calibrated import SHIPPED

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("network", [YUNET, SFACE])
def test_the_shipped_bytes_are_those_of_the_notice(network):
    assert len(shipped(network)) > 100_000
    notice = (paths.package_dir() / "weights/NOTICE.txt").read_text(encoding="utf-8")
    assert network.file in notice
    assert network.sha256 in notice
    for licence in re.findall(r"LICENSE-\w+\.txt", notice):
        assert (paths.package_dir() / "weights" / licence).is_file()


def test_a_damaged_or_missing_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    monkeypatch.setattr(paths, "package_dir", lambda: tmp_path)
    with pytest.raises(InputError, match=r"x\.onnx does not exist. Install twinlib again"):
        shipped(Shipped("x.onnx", "0" * 64))
    (tmp_path / "weights/x.onnx").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"x\.onnx is damaged: its SHA-256 is"):
        shipped(Shipped("x.onnx", "0" * 64))


@pytest.mark.slow
def test_a_wheel_holds_networks_licences_and_calibration(tmp_path):
    """Built from a copy: setuptools leaves its own build/ beside the sources."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "twinlib", copy / "twinlib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    command = [sys.executable, "-m", "uv", "build", "-q", "--wheel", "--no-build-isolation", "--offline"]
    command += ["--python", sys.executable, "-o", str(tmp_path), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix("twinlib/weights/") for name in archive.namelist()}
        [metadata] = [name for name in archive.namelist() if name.endswith("METADATA")]
        needed = archive.read(metadata).decode()
    wanted = {path.name for path in (ROOT / "twinlib/weights").iterdir()}
    assert {YUNET.file, SFACE.file, SHIPPED, "NOTICE.txt", "LICENSE-sface.txt", "LICENSE-yunet.txt"} <= wanted <= held
    plain = [line for line in needed.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert not [line for line in plain if "torch" in line or "mediapipe" in line]
