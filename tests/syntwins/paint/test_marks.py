import numpy as np
import pytest

from syntwins import Knobs, sample_subject
from syntwins.mesh.head import head
from syntwins.paint.marks import FRECKLE, MOLE, shift_uv
from syntwins.paint.palette import sample_palette


def test_mark_rates_and_sizes_follow_their_knobs():
    many = [sample_subject(f, 0, Knobs(marks=2.0, mark_size=2.0)).marks for f in range(60)]
    moles = [(m.kind == MOLE).sum() for m in many]
    assert np.mean(moles) == pytest.approx(4.4, abs=1.2)
    sigma = np.concatenate([m.sigma[m.kind == MOLE] for m in many])
    assert 0.1 <= sigma.min() < sigma.max() <= 0.22
    assert not any((sample_subject(f, 0, Knobs(marks=0.0)).marks.kind >= 0).any() for f in range(5))


def test_freckles_are_left_to_light_skin():
    rng = np.random.default_rng(0)
    dark, light = sample_palette(rng, "male", "dark", "old"), sample_palette(rng, "male", "light", "old")
    count = lambda palette: sum(  # noqa: E731
        int((sample_subject(f, 0, palette=palette).marks.kind == FRECKLE).sum()) for f in range(20)
    )
    assert count(dark) == 0 < count(light)
    assert (dark.tone_bin, dark.age_bin, light.tone_bin) == ("dark", "old", "light")


def test_shift_uv_moves_by_centimetres():
    uv = head().uv[[50]]
    moved = shift_uv(uv, np.array([[0.0, 2.5]]))
    np.testing.assert_allclose(moved - uv, [[0, 0.1]])  # the texture is 25 cm high
