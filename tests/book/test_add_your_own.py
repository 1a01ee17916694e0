"""The how-to page does what it says: its blocks, as printed, in their order."""

import re
import shutil
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pandas as pd

from twinlib import config

PAGE = Path(__file__).parents[2] / "book/add_your_own.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def photographs(smoke, folder, families=4):
    """Two pictures of each person of a few families, as FAMILY/PERSON/NUMBER.jpg."""
    table = pd.read_csv(smoke / "manifest.csv").query("relation == 'mz'")
    for family in table["family"].unique()[:families]:
        for subject, rows in table[table["family"] == family].groupby("subject"):
            for number, path in enumerate(rows["path"][:2]):
                target = folder / family / subject / f"{number}.jpg"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(smoke / path, target)


def test_ten_lines_each():
    code = [[line for line in block.splitlines() if line and not line.startswith(("from", "import"))]
            for block in BLOCKS]  # fmt: skip
    assert len(code) == 4
    assert [len(lines) for lines in code if len(lines) > 11] == []


def test_the_blocks_run_as_printed(smoke_set, tmp_path, monkeypatch, capsys):
    photographs(smoke_set, tmp_path / "mine/photos")
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.chdir(tmp_path)
    names = {"__name__": __name__}
    with ExitStack() as stack:
        for registry in (config.MODELS.named, config.LOSSES.named):
            stack.enter_context(mock.patch.dict(registry))  # forgets the page's entries
        for block in BLOCKS:
            exec(compile(block, PAGE.name, "exec"), names)
    assert "balanced_accuracy" in capsys.readouterr().out
    [record] = (tmp_path / "build/smoke-runs").glob("*/run.json")
    assert record.parent.name.startswith("mine-smoke-s0")
    assert set(pd.read_csv("mine/manifest.csv")["split"]) == {"train", "validation", "test"}
