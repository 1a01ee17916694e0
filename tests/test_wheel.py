"""The wheel as a stranger installs it: twinlib and the renderer from it, far from the repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow

RENDER = """
import sys
from pathlib import Path
import syntwins, twinlib
from syntwins import Families, SetConfig
assert syntwins.__file__.startswith(sys.argv[1]) and twinlib.__file__.startswith(sys.argv[1])
pair, none = Families(mz=1, dz=0, sibling=0, images=2), Families(mz=0, dz=0, sibling=0, images=2)
syntwins.synthesise(SetConfig(name="tiny", train=pair, validation=none, test=none, size=64), Path("here"), workers=1)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with what the wheel holds; nothing is fetched for it."""
    out, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    sources = tmp_path_factory.mktemp("sources") / "twinlib"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    wanted = ("twinlib/", "data_prep/syntwins/", "pyproject.toml", "README.md", "LICENSE")
    for name in filter(lambda name: name.startswith(wanted), listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            (sources / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--offline", "--quiet"]
    done = subprocess.run(
        [*command, "--python", sys.executable, "--out-dir", str(out), str(sources)], capture_output=True, text=True,
        env=os.environ | {"VIRTUAL_ENV": str(ROOT / ".venv")}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [wheel] = out.glob("twinlib-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def run(installed, tmp_path, *arguments):
    environment = os.environ | {"PYTHONPATH": str(installed), "TWINLIB_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_both_packages_and_what_they_read(installed):
    assert (installed / "syntwins/mesh/base.npz").is_file()
    assert (installed / "twinlib/experiments/vit.yaml").is_file()
    assert (installed / "twinlib/weights").is_dir()
    assert not (installed / "tests").exists()


def test_a_set_is_rendered_from_the_wheel_elsewhere(installed, tmp_path):
    assert "study-marks" in run(installed, tmp_path, "-m", "syntwins", "list")
    run(installed, tmp_path, "-c", RENDER, str(installed))
    assert (tmp_path / "here/manifest.csv").is_file()
    assert len([path for path in (tmp_path / "here/images").rglob("*") if path.is_file()]) == 4
