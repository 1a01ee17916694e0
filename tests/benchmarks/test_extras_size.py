import re
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import extras_size
from twinlib.machine.doctor import EXTRAS

ROOT = Path(__file__).parents[2]


def test_readme_says_what_was_measured():
    table = pd.read_csv(ROOT / "results/benchmarks/extras_size.csv")
    lines = table.itertuples(index=False, name=None)
    rows = [f"| `{extra}` | {what} | {packages} | {mb} |" for extra, what, packages, mb in lines]
    readme = (ROOT / "README.md").read_text()
    assert [row for row in rows if row not in readme] == []
    assert table["extra"].tolist() == [name or "base" for name in EXTRAS]
    assert re.search(r"^\| extra \| for \| packages \| MB \|$", readme, re.MULTILINE)


def test_what_a_package_needs_is_followed_to_the_end():
    seen = {}
    extras_size.needed("pandas", set(), seen)
    assert {"pandas", "numpy", "python-dateutil", "tzdata"} <= seen.keys()
    assert "pytest" not in seen  # an extra that nobody asked for
    assert extras_size.size("pandas") > 1e6


def test_what_is_not_installed_is_left_out():
    seen = {}
    extras_size.needed("no-such-package-here", set(), seen)
    assert seen == {}
    with pytest.raises(Exception, match="no-such-package-here"):
        extras_size.size("no-such-package-here")
