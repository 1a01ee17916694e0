import numpy as np
import pytest

from syntwins import Nuisance, sample_subject
from syntwins.draw.strips import KNOBS, NUISANCES, family_portrait, knob_strips, nuisance_strips


@pytest.fixture(scope="module")
def knobs():
    return knob_strips(3, 48)


def difference(a, b):
    return float(np.abs(a.astype(float) - b).mean())


def test_every_nuisance_changes_the_picture():
    images, rows = nuisance_strips(sample_subject(4, 0), 48)
    assert rows == list(NUISANCES)
    assert len(images) == 5 * len(rows)
    for start in range(0, len(images), 5):
        row = images[start : start + 5]
        assert row[0].shape == (48, 48, 3)
        assert all(difference(row[0], other) > 0.3 for other in row[1:])


def test_twins_are_equal_at_the_lower_end_and_grow_apart(knobs):
    images, rows = knobs
    for name in ("divergence 0 to 2", "asymmetry 0 to 0.22 cm", "marks 0 to 6"):
        first = 5 * rows.index(name)
        apart = [difference(images[first + i], images[first + 5 + i]) for i in range(5)]
        assert apart[0] == 0
        assert apart[4] > apart[1] > 0


def test_a_mirror_twin_is_the_mirror_image_of_a_face_that_is_asymmetric_only(knobs):
    """Light from the front and no hair parting would make it exact; here the twin is nearer mirrored than not."""
    images, rows = knobs
    last = 5 * rows.index("mirror twins, asymmetry 0 to 0.22 cm") + 4
    face = (slice(14, 36), slice(12, 36))
    a, b = images[last][face], images[last + 5]
    assert difference(a, b[:, ::-1][face]) < difference(a, images[last][:, ::-1][face])


def test_rows_name_what_is_changed():
    assert all(len(row) == 5 for row in (*NUISANCES.values(), *KNOBS.values()))
    assert {key for row in NUISANCES.values() for change in row for key in change} <= set(Nuisance.__dataclass_fields__)


def test_the_portrait_orders_relatives_by_likeness():
    images, rows = family_portrait(48)
    apart = dict(zip(rows, [difference(images[4 * i], images[4 * i + 1]) for i in range(len(rows))], strict=True))
    assert apart["identical twins"] < apart["siblings"]
    assert apart["identical twins"] < apart["strangers"]
    assert len(images) == 20
