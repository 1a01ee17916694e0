"""The report as one PDF: printed from the staged sources of the smoke book."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book.tools import pdf
from twinlib.errors import InputError

ROOT = Path(__file__).parents[2]


def test_without_a_report_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="make book"):
        pdf.single(ROOT, tmp_path)


def test_without_a_browser_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="Chromium"):
        pdf.printed(tmp_path / "page.html", tmp_path / "report.pdf")


@pytest.mark.slow
@pytest.mark.browser
def test_the_report_is_printed(chromium, smoke_book, tmp_path):
    shutil.copytree(smoke_book / "pages", tmp_path / "pages")
    environment = os.environ | {"TWINLIB_BUILD": str(tmp_path), "TWINLIB_ROOT": str(ROOT)}  # Sphinx sets up logging
    done = subprocess.run([sys.executable, "-m", "book.tools.pdf"], cwd=ROOT, env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") > 30
