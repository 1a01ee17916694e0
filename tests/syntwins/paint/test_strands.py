from dataclasses import replace

import numpy as np
import pytest

from syntwins import sample_subject
from syntwins.mesh.hair import CHIN, CROPPED, SHORT, hairline
from syntwins.paint.masks import masks
from syntwins.paint.strands import GREY_RGB, hair_mask, hair_rgb, strand_relief

SUBJECT = sample_subject(3, 0)


def mask_of(style):
    palette, m = replace(SUBJECT.palette, hair_style=style), masks(512)
    strands = strand_relief(palette, m, np.random.default_rng(1))
    return hair_mask(palette, m, strands, np.random.default_rng(2)), strands, palette


@pytest.mark.parametrize("style", [SHORT, CHIN, CROPPED])
def test_hair_lies_above_the_hair_line(style):
    mask, _, palette = mask_of(style)
    m = masks(512)
    front = np.abs(m["theta"][0]) < 0.3
    line = hairline(m["theta"][0], palette)
    above, below = m["y"] > line + 1.6, m["y"] < line - 0.8
    assert mask[:, front][above[:, front]].mean() > 0.85
    assert mask[:, front][below[:, front]].max() < 0.05
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_the_scalp_shines_through_cropped_hair_alone():
    assert mask_of(CROPPED)[0].max() < 0.97
    assert mask_of(SHORT)[0].max() == pytest.approx(1)


def test_strands_are_longer_than_they_are_wide():
    """Beside the part they run down: neighbours in a row differ by more than neighbours in a column."""
    strands = mask_of(CHIN)[1][60:140, 300:420]
    assert np.abs(np.diff(strands, axis=1)).mean() > 1.5 * np.abs(np.diff(strands, axis=0)).mean()


def test_grey_comes_with_age():
    greying = replace(SUBJECT.complexion, greying=1.0)
    young, old = (hair_rgb(SUBJECT.palette, greying, years) for years in (30.0, 72.0))
    np.testing.assert_array_equal(young, SUBJECT.palette.hair_rgb)
    assert np.abs(old - GREY_RGB).max() < 0.5 * np.abs(young - GREY_RGB).max()
