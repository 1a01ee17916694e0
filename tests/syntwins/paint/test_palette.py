import numpy as np
import pytest

from syntwins import sample_subject
from syntwins.paint.palette import AGES, TONES, sample_palette


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("age", AGES)
def test_a_palette_falls_into_the_bins_it_was_drawn_for(tone, age):
    for seed in range(10):
        palette = sample_palette(np.random.default_rng(seed), "female", tone, age)
        assert (palette.tone_bin, palette.age_bin, palette.sex) == (tone, age, "female")


def test_dizygotic_twins_share_sex_and_age_but_not_every_trait():
    pairs = [[sample_subject(f, m, relation="dz") for m in (0, 1)] for f in range(12)]
    assert all((a.palette.sex, a.palette.years) == (b.palette.sex, b.palette.years) for a, b in pairs)
    assert any(a.palette.hair_rgb != b.palette.hair_rgb for a, b in pairs)
    assert all(a.palette.tone == pytest.approx(b.palette.tone, abs=1.5) for a, b in pairs)


def test_siblings_may_differ_in_sex_and_women_have_no_beard():
    people = [sample_subject(f, m, relation="sibling") for f in range(20) for m in (0, 1)]
    assert any(a.palette.sex != b.palette.sex for a, b in zip(people[::2], people[1::2], strict=True))
    assert all(p.complexion.beard == 0 for p in people if p.palette.sex == "female")
