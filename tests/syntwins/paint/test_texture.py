from dataclasses import replace

import numpy as np
import pytest

from syntwins import Knobs, sample_subject
from syntwins.paint.marks import MOLE
from syntwins.paint.texture import compose, hair_rgb, paint, skin_rgb


def test_hair_greys_and_wrinkles_deepen():
    subject = sample_subject(2, 0)
    young, old = (hair_rgb(replace(subject.palette, hair_rgb=(0.03,) * 3), subject.complexion, y) for y in (25.0, 68.0))
    assert (old > young).all()
    layers = paint(subject)
    a, b = compose(layers, subject, 25.0)[..., 4], compose(layers, subject, 65.0)[..., 4]
    assert b[layers.wrinkles > 0.5].mean() < a[layers.wrinkles > 0.5].mean()


def test_skin_has_the_colour_of_its_palette():
    subject = sample_subject(2, 0, Knobs(marks=0.0))
    forehead = paint(subject).skin[115:130, 240:272].mean((0, 1))
    np.testing.assert_allclose(forehead, skin_rgb(subject.palette), rtol=0.2)


def test_a_mole_darkens_its_place_and_nothing_else():
    subject = sample_subject(7, 1, Knobs(marks=4.0))
    fields = subject.marks.__dataclass_fields__
    one = np.flatnonzero(subject.marks.kind == MOLE)[:1]
    with_mole = replace(subject.marks, **{name: getattr(subject.marks, name)[one] for name in fields})
    without = replace(subject.marks, **{name: getattr(subject.marks, name)[:0] for name in fields})
    a, b = (paint(replace(subject, marks=marks)).skin.mean(-1) for marks in (without, with_mole))
    y, x = np.unravel_index((a - b).argmax(), a.shape)
    assert (a - b).max() > 0.02
    assert np.hypot(*(np.array([x, y]) - with_mole.uv[0] * [511, 319])) < 2
    assert (np.abs(a - b) > 1e-3).sum() < 150


@pytest.mark.parametrize("width", [512, 1024])
def test_one_identity_looks_alike_at_both_resolutions(width):
    subject = sample_subject(3, 0)
    texture = compose(paint(subject, width), subject, 30.0)[..., :3]
    assert texture.shape == (width * 5 // 8, width, 3)
    small = texture.reshape(40, width // 64, 64, width // 64, 3).mean((1, 3))
    other = compose(paint(subject, 512), subject, 30.0)[..., :3].reshape(40, 8, 64, 8, 3).mean((1, 3))
    assert np.abs(small - other).max() < 0.06


def test_equal_subjects_have_equal_textures():
    a, b = (compose(paint(sample_subject(5, 0)), sample_subject(5, 0), 40.0) for _ in range(2))
    np.testing.assert_array_equal(a, b)
