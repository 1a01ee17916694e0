"""From executed chapters to pages: `python -m book.tools.site`.

Gate, generated pages, Jupyter Book with warnings as errors, a last look that nothing comes from the network, and only
then the new pages take the place of the old ones: `build/html` is always a whole report.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from book.tools import api, gate, offline, pages
from book.tools.chapters import notebooks
from book.tools.places import shown
from book.tools.reproduce import reproduce
from twinlib import paths
from twinlib.files import write_text

COPIED = ("*.md", "*.bib", "_static")


def build(build_dir: Path) -> int:
    """Build `build_dir/html` from `build_dir/book`; returns the exit code."""
    root = paths.project_root().resolve()
    sources, toc = build_dir / "book", root / "_toc.yml"
    stage(root, sources)
    if code := gate.main(sources):
        return code
    pages.write(sources, toc)
    write_text(sources / "reproduce.md", reproduce(toc))
    write_text(sources / "api.md", api.page(root))
    api.write_sources(root, sources / "_static/source")
    if code := _jupyter_book(root, sources, build_dir):
        return code
    fresh = build_dir / "_build/html"
    if code := offline.main(fresh):
        return code
    _replace(build_dir / "html", fresh)
    print(f"report: {shown(build_dir / 'html/index.html')}")
    return 0


def stage(root: Path, sources: Path) -> None:
    """Copy the pages without code beside the executed chapters; chapters that left `_toc.yml` are removed."""
    listed = notebooks(root / "_toc.yml", root / "book")
    for old in sources.glob("*.ipynb"):
        if old.stem not in listed:
            old.unlink()
    for pattern in COPIED:
        for path in (root / "book").glob(pattern):
            _copy(path, sources / path.name)
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
    files = ["--config", str(root / "_config.yml"), "--toc", str(root / "_toc.yml"), "--path-output", str(build_dir)]
    command = [program, "build", str(sources), *files, "-n", "-W", "--keep-going"]
    log = build_dir / "jupyter-book.log"
    with log.open("w", encoding="utf-8") as file:
        environment = os.environ | {"NO_COLOR": "1"}
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False, env=environment)
    if done.returncode:
        print(log.read_text(encoding="utf-8"), file=sys.stderr)
        print(f"FAILED jupyter-book (exit code {done.returncode}): see above or {shown(log)}", file=sys.stderr)
    return done.returncode


def _replace(target: Path, fresh: Path) -> None:
    old = target.with_name("html.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(build(paths.build_dir()))
