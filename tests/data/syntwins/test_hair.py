from dataclasses import replace

import numpy as np

from twinlib.data.syntwins import sample_subject
from twinlib.data.syntwins.hair import CROPPED, SHORT, hairline, shell
from twinlib.data.syntwins.mesh import SKULL_CENTRE, head

PALETTE = replace(sample_subject(1, 0).palette, hairline=0.0, temples=0.0, parting=0.0, hair_style=SHORT)
ANGLES = np.linspace(-np.pi, np.pi, 181)


def test_the_hair_line_is_symmetric_but_for_the_parting():
    plain = hairline(ANGLES, PALETTE)
    np.testing.assert_allclose(plain, plain[::-1], atol=1e-12)
    parted = hairline(ANGLES, replace(PALETTE, parting=0.5)) - plain
    np.testing.assert_allclose(parted, -parted[::-1], atol=1e-12)
    assert parted.max() > 0.3


def test_receding_temples_leave_the_middle():
    risen = hairline(ANGLES, replace(PALETTE, temples=1.0)) - hairline(ANGLES, PALETTE)
    assert risen[90] == 0  # theta = 0
    assert risen.max() > 0.8


def test_hair_only_adds_outwards_and_cropped_hair_adds_less():
    bare = head().mean
    radius = lambda points: np.linalg.norm(points - SKULL_CENTRE, axis=1)  # noqa: E731
    short, cropped = (
        shell(bare, replace(PALETTE, hair_style=style), 1.2, np.random.default_rng(0)) for style in (SHORT, CROPPED)
    )
    added, less = radius(short) - radius(bare), radius(cropped) - radius(bare)
    assert added.min() > -1e-9
    assert 0.3 < less.max() < 0.5 * added.max() < 1.2
    assert added[[1, 4, 152, 50, 280]].max() == 0  # none on nose, chin and cheeks
