"""Every figure and table of a compared paper has its line in the chapter, and every chapter its parts."""

import re
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[2] / "book"
FIGURES = {"08_symface": 6, "09_topofr": 8, "10_miao": 8}  # as the papers count them
TABLES = {"08_symface": 5, "09_topofr": 10, "10_miao": 1}
CHAPTERS = [*FIGURES, "11_local_global"]  # whose description has neither


def _cells(name, kind):
    cells = nbformat.read(BOOK / f"{name}.ipynb", as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == kind]


def _ticked(name, word):
    """Numbers in the first column of the chapter's list: "Figure 2a" is 2, "Figures 6 to 8" are 6, 7 and 8."""
    found = set()
    for line in "\n".join(_cells(name, "markdown")).splitlines():
        if at := re.match(rf"\| {word}s? (\d+)[a-z]?(?: to (\d+))? \|", line):
            found |= set(range(int(at[1]), int(at[2] or at[1]) + 1))
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_and_table_of_the_paper_is_ticked(name):
    assert _ticked(name, "Figure") == set(range(1, FIGURES[name] + 1))
    assert _ticked(name, "Table") == set(range(1, TABLES[name] + 1))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_compared_paper_has_claims_critique_code_beside_equations_and_something_to_try(name):
    text, code = "\n".join(_cells(name, "markdown")), _cells(name, "code")
    for heading in ("## Claims", "## Critique", "## Limits", "## Every", "## Try it"):
        assert heading in text
    assert "$$" in text
    for call in ("notebook.code(", "claims_frame(", "notebook.bibtex(", "notebook.gap("):
        assert any(call in cell for cell in code), call
    assert any("# change me" in cell for cell in code)
