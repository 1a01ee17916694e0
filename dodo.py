"""What depends on what, for doit: data set → landmarks → run records → chapters → gate and pages.

`make book` calls `doit profile=cpu device=auto seed=0`. A step runs again when the content of a file it depends on or
one of its settings changed. Everything lands in `build/` (`build/smoke/` under the smoke profile); the steps themselves
are `twinlib` commands and `book/tools/*.py`.
"""

import os
import sys
from pathlib import Path

from doit import get_var
from doit.tools import config_changed

from book.tools.chapters import notebooks
from twinlib import config, paths
from twinlib.data.rendered import page_set

ROOT = Path(__file__).parent.resolve()
os.environ["TWINLIB_ROOT"] = str(ROOT)
SETTINGS = {name: get_var(name, default) for name, default in (("profile", "cpu"), ("device", "auto"), ("seed", "0"))}
SMOKE = SETTINGS["profile"] == "smoke"
if SMOKE:  # a build of its own, its records included; `make smoke` empties it first
    os.environ["TWINLIB_BUILD"] = str(Path(os.environ.get("TWINLIB_BUILD") or ROOT / "build") / "smoke")
BUILD = paths.build_dir().resolve()
# Two steps run at a time. With two threads each, threads that wait for one another take fifty times the time of the
# small tensors of a chapter.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["TWINLIB_INTERVALS"] = str(BUILD / "intervals")  # chapters ask for the same ones
CHAPTERS = notebooks(ROOT / "_toc.yml", ROOT / "book")
# Rows of the main table; under the smoke profile each is trained on the spot, else its committed record is read. The
# peers' networks are many: under smoke their rows are gaps, and tests/train/test_peers.py trains them instead.
OWN = ("vit", "ahan")
EXPERIMENTS = tuple(name for name in config.experiments() if config.load(name, SETTINGS["profile"]).model_name in OWN)
DATASET = page_set(SETTINGS["profile"])

BUILD.mkdir(parents=True, exist_ok=True)
DOIT_CONFIG = {
    "default_tasks": ["report"],
    "backend": "json",
    "dep_file": str(BUILD / ".doit.json"),
    "verbosity": 2,
}


def files(*patterns: str) -> list[str]:
    """Files of the repository that match, sorted; what a step depends on."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(str(path) for path in found if "__pycache__" not in path.parts)  # bytecode, compiled kernels


LIBRARY = files(
    "twinlib/**/*.py",
    "twinlib/**/*.yaml",
    "twinlib/figures/**/*.css",
    "twinlib/figures/**/*.js",
    "twinlib/figures/**/*.html",
    "data_prep/syntwins/**/*",
    "requirements/lock.txt",
)
DETECTOR = [f"twinlib/faces/{name}.py" for name in ("images", "detect/landmarks", "align", "find")]


def python(code: str, *arguments: str) -> list[str]:
    """A command that runs in a Python of its own."""
    return [sys.executable, *code.split(), *arguments]


def twinlib(*arguments: str) -> list[str]:
    """A `twinlib` command."""
    script = Path(sys.executable).with_name("twinlib")  # absent where the library is only on the path
    return [str(script), *arguments] if script.is_file() else python("-m twinlib.cli.main", *arguments)


def task_data():
    """Render the data sets: whose faces are shown, and whose factors limits and claims are judged by."""
    names = (DATASET,) if SMOKE else (DATASET, "extremes")
    return {
        "actions": [twinlib("synth", name) for name in names],
        "file_dep": files("data_prep/syntwins/**/*", "requirements/lock.txt"),
        "targets": [str(BUILD / "data" / name / "dataset.json") for name in names],
        "uptodate": [config_changed(" ".join(names))],
    }


def task_landmarks():
    """Find faces, align crops, lay region boxes."""
    root = BUILD / "data" / DATASET
    return {
        "actions": [twinlib("landmarks", DATASET)],
        "file_dep": [str(root / "dataset.json"), *files(*DETECTOR, "requirements/lock.txt")],
        "targets": [str(root / "aligned/faces.json")],
    }


TRAINED = [str(BUILD / "stamps" / f"record-{part}") for part in (0, 1)] if SMOKE else []


def task_record():
    """Train and evaluate each experiment (smoke profile; the other profiles read committed records)."""
    for part, done in enumerate(TRAINED):  # two at a time, which share the rows
        names = EXPERIMENTS[part::2]
        yield {
            "name": str(part),
            "actions": [python("-m book.tools.trained", *SETTINGS.values(), *names), (stamp, [Path(done)])],
            "file_dep": [
                *LIBRARY,
                *files("book/tools/trained.py"),
                str(BUILD / "data" / DATASET / "aligned/faces.json"),
            ],
            "targets": [done],
            "uptodate": [config_changed({**SETTINGS, "names": names})],
        }


PLAYTHINGS = {"studio": ("studio/studio.json", "twin_studio"), "guess": ("guess/guesses.json", "guess_first")}
DRAWN_BY = files(
    "twinlib/verify/**/*.py", "twinlib/models/*.py", "twinlib/ahan/*.py", "twinlib/faces/**/*.py",
    "data_prep/syntwins/**/*", "requirements/lock.txt",
)  # fmt: skip


def task_plaything():
    """Draw and judge the pictures of the twin studio and of the guessing game, a minute each."""
    weights = files("results/runs/*/model.safetensors", "twinlib/experiments/study/*")
    runs = TRAINED if SMOKE else weights
    for name, (target, _) in PLAYTHINGS.items():
        yield {
            "name": name,
            "actions": [python("-m book.tools.playthings", name, SETTINGS["profile"])],
            "file_dep": [*DRAWN_BY, *runs, str(BUILD / "data" / DATASET / "aligned/faces.json")],
            "targets": [str(BUILD / target)],
            "uptodate": [config_changed(SETTINGS)],
        }


def task_chapter():
    """Run each chapter in a process of its own."""
    given = [text for key, value in SETTINGS.items() for text in ("-p", key, value)]
    runs = TRAINED if SMOKE else files("results/runs/**/*")
    published = files("results/*.csv", "results/benchmarks/*.csv", "results/inspector/*", "book/references.bib")
    needed = {chapter: [str(BUILD / target)] for target, chapter in PLAYTHINGS.values()}
    for name in CHAPTERS:
        source, target = ROOT / f"book/{name}.ipynb", BUILD / f"book/{name}.ipynb"
        yield {
            "name": name,
            "actions": [python("-m book.tools.execute", str(source.relative_to(ROOT)), str(target), *given)],
            "file_dep": [
                str(source), *LIBRARY, *runs, *published, *files("book/tools/execute.py", "book/tools/parameters.py"),
                str(BUILD / "data" / DATASET / "aligned/faces.json"), *needed.get(name, []),
            ],
            "targets": [str(target)],
            "uptodate": [config_changed(SETTINGS)],
        }  # fmt: skip


def task_report():
    """Check the executed chapters and build the pages."""
    executed = [str(BUILD / f"book/{name}.ipynb") for name in CHAPTERS]
    pages = files("book/*.md", "book/*.bib", "book/_static/**/*", "book/tools/*.py", "_*.yml", "vendor/.installed")
    return {
        "actions": [python("-m book.tools.site")],
        "file_dep": [*executed, *pages, *files("twinlib/experiments/*.yaml", "benchmarks/*.py", "results/**/*.csv")],
        "targets": [str(BUILD / "html/index.html")],
    }


def stamp(path: Path) -> None:
    """Note that a step without a file of a known name is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("done\n", encoding="utf-8")
