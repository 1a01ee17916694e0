"""From executed chapters to pages: `python -m book.tools.site`.

Gate, generated pages, Jupyter Book with warnings as errors, a last look that nothing comes from the network, and only
then the new pages take the place of the old ones: `build/html` is always a whole report.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

from book.tools import api, figures, finish, gate, linked, offline, pages, slim
from book.tools.chapters import notebooks
from book.tools.places import shown
from book.tools.reproduce import reproduce
from twinlib import paths
from twinlib.files import write_text

COPIED = ("*.md", "*.bib", "_static")
DRAWN = ("studio", "guess")  # folders of pictures that two pages load one by one


def build(build_dir: Path) -> int:
    """Build `build_dir/html` from the executed chapters in `build_dir/book`; returns the exit code."""
    root = paths.project_root().resolve()
    executed, sources, toc = build_dir / "book", build_dir / "pages", root / "_toc.yml"
    tidy(root, executed)
    if code := gate.main(executed):
        return code
    stage(root, executed, sources)
    pages.write(sources, toc)
    write_text(sources / "reproduce.md", reproduce(toc))
    write_text(sources / "api.md", api.page(root))
    api.write_sources(root, sources / "_static/source")
    if code := _jupyter_book(root, sources, build_dir):
        return code
    fresh = build_dir / "_build/html"
    finish.finished(fresh)
    slim.slimmed(fresh, root / "book")
    if code := offline.main(fresh):
        return code
    _replace(build_dir / "html", fresh)
    print(f"report: {shown(build_dir / 'html/index.html')}")
    return 0


def tidy(root: Path, executed: Path) -> None:
    """Remove executed chapters that left `_toc.yml`."""
    listed = notebooks(root / "_toc.yml", root / "book")
    for old in executed.glob("*.ipynb"):
        if old.stem not in listed:
            old.unlink()


def stage(root: Path, executed: Path, sources: Path) -> None:
    """The folder that Jupyter Book reads: executed chapters with their figures as files, and the pages without code."""
    shutil.rmtree(sources, ignore_errors=True)
    sources.mkdir(parents=True)
    for pattern in COPIED:
        for path in (root / "book").glob(pattern):
            _copy(path, sources / path.name)
    for name in DRAWN:
        if (sources.parent / name).is_dir():
            _copy(sources.parent / name, sources / "_static" / name)
    for path in sorted(executed.glob("*.ipynb")):
        chapter = linked.listed(nbformat.read(path, as_version=4), sources)
        nbformat.write(figures.staged(chapter, path.stem, sources), sources / path.name)
    (sources / "vendor").mkdir(exist_ok=True)
    _copy(root / "vendor/_static", sources / "vendor/_static")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _jupyter_book(root: Path, sources: Path, build_dir: Path) -> int:
    # An old _build would keep pages of chapters that are gone.
    shutil.rmtree(build_dir / "_build", ignore_errors=True)
    program = str(Path(sys.executable).with_name("jupyter-book"))
    files = [
        "--config",
        str(_config(root, build_dir)),
        "--toc",
        str(root / "_toc.yml"),
        "--path-output",
        str(build_dir),
    ]
    command = [program, "build", str(sources), *files, "-n", "-W", "--keep-going"]
    log = build_dir / "jupyter-book.log"
    searched = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))  # book/tools holds an extension
    with log.open("w", encoding="utf-8") as file:
        environment = os.environ | {"NO_COLOR": "1", "PYTHONPATH": searched}
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False, env=environment)
    if done.returncode:
        print(log.read_text(encoding="utf-8"), file=sys.stderr)
        print(f"FAILED jupyter-book (exit code {done.returncode}): see above or {shown(log)}", file=sys.stderr)
    return done.returncode


def _config(root: Path, build_dir: Path) -> Path:
    """The settings of the pages; with the address of a public copy in TWINLIB_REPOSITORY, chapters can be launched."""
    config = root / "_config.yml"
    if not (address := os.environ.get("TWINLIB_REPOSITORY")):
        return config
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["repository"] = {"url": address, "branch": "main", "path_to_book": "book"}
    places = {"binderhub_url": "https://mybinder.org", "colab_url": "https://colab.research.google.com"}
    settings["launch_buttons"] = {"notebook_interface": "jupyterlab", "thebe": False} | places
    write_text(build_dir / "_config.yml", yaml.safe_dump(settings))
    return build_dir / "_config.yml"


def _replace(target: Path, fresh: Path) -> None:
    old = target.with_name("html.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(build(paths.build_dir()))
