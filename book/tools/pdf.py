"""The whole report as one PDF: `python -m book.tools.pdf`, after `make book`.

Sphinx puts every page on one, and Chromium prints it: no LaTeX, nothing from the network. Answers are open, the light
pictures are taken, and formulas are typeset before the page is printed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from book.tools.places import shown
from twinlib import paths
from twinlib.errors import InputError
from twinlib.files import replacing

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 300_000
MARGIN = {side: "14mm" for side in ("top", "bottom", "left", "right")}
# Everything that a reader of paper cannot open or wait for.
READY = """async () => {
  document.documentElement.dataset.theme = "light";
  document.querySelectorAll("details").forEach((each) => (each.open = true));
  const images = [...document.images].filter((image) => image.offsetParent);
  const loaded = (image) => image.complete || new Promise((done) => (image.onload = image.onerror = done));
  images.forEach((image) => (image.loading = "eager"));
  await Promise.all(images.map(loaded));
  if (window.MathJax?.startup) await MathJax.startup.promise;
}"""


def single(root: Path, build_dir: Path, toc: Path | None = None) -> Path:
    """All pages of the staged sources on one: the file that Sphinx writes.

    Args:
        root: of the project.
        build_dir: holds `pages/`, as `book.tools.site` left it.
        toc: which pages, in which order; those of the report if not given.

    Raises:
        InputError: there is no report yet, or Sphinx failed (the message names its log).
    """
    sources, log = build_dir / "pages", build_dir / "singlehtml.log"
    if not (sources / "intro.ipynb").is_file():
        raise InputError(f"{shown(sources)} holds no report. Run `make book` first.")
    program = str(Path(sys.executable).with_name("jupyter-book"))
    given = ["--config", str(root / "_config.yml"), "--toc", str(toc or root / "_toc.yml")]
    given += ["--path-output", str(build_dir / "one")]
    command = [program, "build", str(sources), *given, "--builder", "singlehtml"]
    searched = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    shutil.rmtree(build_dir / "one", ignore_errors=True)
    with log.open("w", encoding="utf-8") as file:
        environment = os.environ | {"NO_COLOR": "1", "PYTHONPATH": searched}
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False, env=environment)
    pages = sorted((build_dir / "one/_build/singlehtml").glob("intro.html"))
    if done.returncode or not pages:
        raise InputError(f"jupyter-book failed (exit code {done.returncode}): see {shown(log)}.")
    return pages[0]


def printed(page: Path, target: Path) -> None:
    """Print a page with Chromium.

    Raises:
        InputError: no Chromium on PATH.
    """
    from playwright.sync_api import sync_playwright

    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise InputError("no Chromium on PATH; get one, e.g. `apt-get install chromium`.")
    with sync_playwright() as playwright, replacing(target) as temporary:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        sheet = chromium.new_page()
        sheet.set_default_timeout(PATIENCE_MS)
        sheet.route("http*://**", lambda route: route.abort())
        sheet.goto(page.resolve().as_uri(), wait_until="load")
        sheet.evaluate(READY)
        sheet.emulate_media(media="print")
        sheet.pdf(path=str(temporary), format="A4", margin=MARGIN, print_background=True)
        chromium.close()


def main() -> int:
    """Command line; returns the exit code."""
    root, build_dir = paths.project_root().resolve(), paths.build_dir()
    target = build_dir / "report.pdf"
    try:
        printed(single(root, build_dir), target)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"report: {shown(target)}, {target.stat().st_size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
