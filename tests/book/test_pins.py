import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements/lock.txt", "requirements/node.txt", "requirements/js/package-lock.json"]


def _pins(text):
    return dict(re.findall(r"^\s*([\w.-]+)==([\w.+]+)", text, re.MULTILINE))


def test_conda_gets_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    ours = _pins("\n".join(pip))
    lock = _pins((ROOT / "requirements/lock.txt").read_text().lower())
    assert ours == {name: lock.get(name) for name in ours}
    assert "python=3.11" in environment["dependencies"]


def test_conda_gets_every_chosen_package():
    chosen = re.findall(r'^  "([\w-]+)[><=~]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    chosen += re.findall(r"^([\w-]+)[=<]", (ROOT / "requirements/pins.in").read_text(), re.MULTILINE)
    listed = (ROOT / "environment.yml").read_text()
    assert len(chosen) > 60
    assert not {name for name in chosen if f"- {name.lower()}==" not in listed}


def test_pins_are_kept():
    lock = _pins((ROOT / "requirements/lock.txt").read_text())
    pins = _pins((ROOT / "requirements/pins.in").read_text())
    assert pins == {name: lock.get(name) for name in pins}


def test_every_locked_package_has_a_hash():
    for name in LOCKS[:2]:
        text = (ROOT / name).read_text()
        packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert packages
        assert all("--hash=sha256:" in package for package in packages)


def test_every_script_package_has_a_hash():
    packages = json.loads((ROOT / LOCKS[2]).read_text())["packages"]
    missing = [name for name, package in packages.items() if name and "integrity" not in package]
    assert len(packages) > 3
    assert missing == []


def test_locks_hold_no_index_address():
    for name in LOCKS:
        # Where to thank the authors is no index.
        text = re.sub(r'"funding": (\{[^}]*\}|\[[^\]]*\]|"[^"]*")', "", (ROOT / name).read_text())
        assert re.findall(r"https?://\S+|--index-url|\"resolved\"", text) == []
