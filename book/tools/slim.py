"""What a built site carries for nobody goes: scripts and their maps that no page needs, outputs of downloads."""

import re
import shutil
from pathlib import Path

PAGES = ("*.html", "*.js", "*.css")  # whose text may name a file of `_static/vendor`
ICONS, MATHS = "scripts/fontawesome.js", "vendor/tex-svg.js"  # 1.5 and 2.1 MB


def slimmed(site: Path, chapters: Path) -> None:
    """Make a site smaller in place; a reader sees no difference.

    Args:
        site: folder of pages as Jupyter Book writes it.
        chapters: folder of the chapters' sources; they replace the executed ones that readers may download, whose
            pictures and numbers the page shows already.
    """
    for extra in site.rglob("*.map"):
        extra.unlink()
    (site / "_static" / ICONS).unlink(missing_ok=True)  # the style sheet draws the same icons from a font
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        unused = [ICONS] if 'class="math' in text else [ICONS, MATHS]
        tag = rf"[ \t]*<script[^>]*({'|'.join(map(re.escape, unused))})[^>]*></script>\n?"
        page.write_text(re.sub(tag, "", text), encoding="utf-8")
    vendor = site / "_static/vendor"
    named = _text(site)
    for script in sorted(vendor.glob("*.js")):
        if script.name not in named:
            script.unlink()
    for executed in sorted((site / "_sources").glob("*.ipynb")):
        if (source := chapters / executed.name).is_file():
            shutil.copyfile(source, executed)


def _text(site: Path) -> str:
    """What the pages and their scripts say, the vendored scripts themselves left out."""
    files = [path for pattern in PAGES for path in [*site.glob(pattern), *(site / "_static").glob(pattern)]]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
