"""Rules of the repository that no single module can see."""

import ast
import dataclasses
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from twinlib import config
from twinlib.config import kinds

ROOT = Path(__file__).parents[1]
RENDERER = sorted((ROOT / "data_prep/syntwins").rglob("*.py"))
MODULES = sorted((ROOT / "twinlib").rglob("*.py"))
# Imports point left only; what stands together may import each other.
ORDER = [
    ["errors", "version", "environment", "files", "progress", "arithmetic", "paths"],
    ["arrays", "ranges", "registry", "parts"],
    ["faces", "data"], ["topology"], ["models"], ["losses"], ["ahan"],
    ["measure"], ["methods"], ["config"], ["records"], ["train"],
    ["study"], ["figures"], ["verify"], ["machine"], ["audit"], ["cli"],
]  # fmt: skip
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
LINES = 250
LONG_FILES: dict[str, str] = {}  # file → why it is longer
UNTESTED = {
    "twinlib/errors.py": "one class without behaviour",
    "twinlib/version.py": "one constant, read by packaging",
    "twinlib/config/sections.py": "settings only: tests/config/test_settings.py",
    "twinlib/verify/recognise/recogniser.py": "a protocol and a record",
    "data_prep/syntwins/__init__.py": "lazy imports: every test of the package goes through them",
}
# Loading one of these must not load torch, mediapipe, numba or OpenCV.
LIGHT = [
    "twinlib",
    "twinlib.config",
    "twinlib.ahan",
    "twinlib.methods.topofr",
    "twinlib.files",
    "twinlib.figures.notebook",
    "twinlib.measure.metrics",
]
HEAVY = ["torch", "mediapipe", "numba", "cv2", "jax"]


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "twinlib" else [module]


def _part(name):
    parts = name.split(".")
    return parts[1] if parts[0] == "twinlib" and len(parts) > 1 else None


def _name(path):
    return str(path.relative_to(ROOT))


def test_imports_point_one_way():
    wrong = [
        f"{_name(path)} imports {name}"
        for path in MODULES
        if (here := path.relative_to(ROOT / "twinlib").parts[0].removesuffix(".py")) in LEVEL
        for name in _imports(path)
        if LEVEL.get(_part(name), 0) > LEVEL[here]
    ]
    assert wrong == []


def test_every_part_has_its_place():
    parts = {path.relative_to(ROOT / "twinlib").parts[0].removesuffix(".py") for path in MODULES}
    assert parts - set(LEVEL) == {"__init__"}


# The renderer is a package of its own; of the library it knows what knows of no face, and three places more.
RENDERER_KNOWS = {
    "errors", "files", "progress", "paths", "ranges", "parts.jobs",
    "data", "data.manifest",  # the audit of a set
    "faces",  # align: the crop in whose pixels cues are measured
}  # fmt: skip


def test_the_renderer_knows_little_of_the_library():
    names = {
        name.removeprefix("twinlib.").removeprefix("twinlib")
        for path in RENDERER
        for name in _imports(path)
        if name.split(".")[0] == "twinlib"
    }
    assert names <= RENDERER_KNOWS


def test_one_module_knows_the_renderer():
    knows = [_name(path) for path in MODULES if any(name.split(".")[0] == "syntwins" for name in _imports(path))]
    assert knows == ["twinlib/data/rendered.py"]


def test_library_knows_of_no_book():
    outside = ("book", "data_prep", "tests", "benchmarks", "dodo")
    assert [_name(path) for path in MODULES if any(name.split(".")[0] in outside for name in _imports(path))] == []


def test_light_modules_stay_light():
    code = f"import sys, {', '.join(LIGHT)}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _inside(path):
    """Where a module lies as the tests mirror it."""
    return path.relative_to(ROOT / "data_prep" if path in RENDERER else ROOT / "twinlib")


def _settings(node):
    """Whether a class only names settings and their defaults, and which of them disagree."""
    return isinstance(node, ast.ClassDef) and all(
        isinstance(part, ast.AnnAssign | ast.Expr) or getattr(part, "name", "") == "disagreements" for part in node.body
    )


def _defines(path):
    """Whether a module holds code of its own, not only a docstring, imports, names and settings."""
    plain = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign)
    return not all(isinstance(node, plain) or _settings(node) for node in ast.parse(path.read_text()).body)


def test_every_module_has_its_tests():
    tested = [path for path in [*MODULES, *RENDERER] if _defines(path) and _name(path) not in UNTESTED]
    wanted = [ROOT / "tests" / _inside(path).with_name(f"test_{path.name}") for path in tested]
    assert [_name(test) for test in wanted if not test.is_file()] == []


def test_exemptions_are_still_needed():
    assert [name for name in UNTESTED if not (ROOT / name).is_file()] == []
    assert [name for name in LONG_FILES if len((ROOT / name).read_text().splitlines()) <= LINES] == []


def test_files_are_short():
    folders = [ROOT / name for name in ("twinlib", "book/tools", "data_prep", "tests")]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    lines = {_name(path): len(path.read_text().splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count > LINES and name not in LONG_FILES} == {}


def _sections():
    rooms = [vars(room).values() for room in (config, *kinds.ROOMS)]
    return sorted({kind for room in rooms for kind in room if dataclasses.is_dataclass(kind)}, key=str)


@functools.cache
def _attributes():
    """Every attribute that the library reads or writes, settings aside."""
    trees = [ast.parse(path.read_text()) for path in MODULES if path.parent.name != "config"]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("section", _sections(), ids=lambda kind: kind.__name__)
def test_every_setting_is_read_somewhere(section):
    assert [field.name for field in dataclasses.fields(section) if field.name not in _attributes()] == []


def test_no_machine_and_no_index_is_named():
    own = {"tests/test_layout.py", "tests/book/test_gate.py", "tests/book/test_pins.py", "book/tools/gate.py"}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w|pypi\.org|registry\.npmjs|files\.pythonhosted")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if name in own or not path.is_file():
            continue
        try:
            match = pattern.search(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if match:
            found.append(f"{name}: {match[0]}")
    assert found == []
