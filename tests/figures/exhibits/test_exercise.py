from pathlib import Path

import nbformat
import pytest
import torch

from twinlib.figures.exhibits.exercise import check_faam, golden

PAGE = Path(__file__).parents[3] / "book/learn_live.ipynb"


@pytest.fixture
def solution():
    """What the page folds away."""
    cells = nbformat.read(PAGE, as_version=4).cells
    (code,) = (cell.source for cell in cells if cell.source.startswith("def solution"))
    found = {"check_faam": check_faam}
    exec(code, found)
    return found["solution"]


def test_the_solution_of_the_page_is_right(solution):
    assert check_faam(solution).startswith("Right")


def test_each_slip_is_named(solution):
    assert check_faam(lambda faam, F: None).startswith("Not written")
    assert check_faam(lambda faam, F: F.flatten(1, 2)).startswith("The shape is (2, 36, 32)")
    assert "negative" in check_faam(lambda faam, F: solution(faam, F) - 1)

    def unmirrored(faam, F):
        L, R = (faam.norm(F[:, :, part].flatten(1, 2)) for part in (slice(0, 3), slice(3, 6)))
        return (faam.attn(L, R) - faam.attn(R, L)).abs()

    assert "mirrored" in check_faam(unmirrored)


def test_the_golden_map_stays():
    torch.testing.assert_close(golden()[2], golden()[2], rtol=0, atol=0)
