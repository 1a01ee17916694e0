from dataclasses import replace

import numpy as np
import pytest

from syntwins import Nuisance, prepare, render_image, sample_subject
from syntwins.cover.occlude import covered_share
from syntwins.cover.view import face_hull
from syntwins.nuisance import NOMINAL_COVER

CLEAN = Nuisance(noise=0.0, jpeg=100)
SIZE = 120
DRAWN = ("glasses", "sunglasses", "mask", "patch")


@pytest.fixture(scope="module")
def painted():
    return prepare(sample_subject(21, 0), 112)


@pytest.mark.parametrize("level", [0.1, 0.35, 0.6])
def test_a_patch_covers_the_share_that_was_drawn(painted, level):
    for seed in range(3):
        image = render_image(painted, replace(CLEAN, occluder="patch", occluded=level, seed=seed), 112)
        assert image.occluded == pytest.approx(level, abs=0.03)
        assert (~image.visible[:468]).mean() > level / 3


@pytest.mark.parametrize(
    ("kind", "hidden", "seen"), [("mask", [0, 17, 61, 291], [33, 263]), ("sunglasses", [159, 386], [1, 13, 152])]
)
def test_an_occluder_hides_what_it_should(painted, kind, hidden, seen):
    bare, covered = (render_image(painted, replace(CLEAN, occluder=k), 112) for k in ("none", kind))
    assert bare.visible[hidden].all()
    assert not covered.visible[hidden].any()
    assert covered.visible[seen].all()
    assert bare.occluded == 0 < covered.occluded


def test_the_details_of_a_cover_come_from_its_seed(shot):
    first, again, other = (shot(kind="patch", seed=seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.5


@pytest.mark.parametrize("kind", DRAWN)
def test_what_lies_under_a_cover_does_not_show_in_it(shot, kind):
    """Neither through it nor by what the cover is lit with."""
    noise = np.random.default_rng(5).uniform(0.1, 0.9, (SIZE, SIZE, 3)).astype(np.float32)
    (grey, opacity, _), (noisy, same, _) = shot(kind=kind), shot(noise, kind=kind)
    np.testing.assert_array_equal(opacity, same)
    covered = opacity == 1
    assert covered.sum() > 20
    np.testing.assert_array_equal(grey[covered], noisy[covered])


def test_the_hull_and_its_covered_share():
    square = np.tile([[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]], (117, 1)).astype(np.float32)
    hull = face_hull(square, 40)
    assert hull.sum() == pytest.approx(21 * 21, rel=0.05)
    opacity = np.zeros((40, 40), np.float32)
    opacity[:, :20] = 1
    assert covered_share(opacity, hull) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("yaw", [-75.0, -20.0, 0.0, 50.0, 75.0])
def test_an_occluder_stays_in_range_at_every_turn(shot, kind, yaw):
    picture, opacity, _ = shot(kind=kind, yaw=yaw)
    assert picture.dtype == opacity.dtype == np.float32
    assert opacity.min() >= 0
    assert 0.5 < opacity.max() <= 1 + 1e-6
    assert picture.min() >= 0
    assert picture.max() <= 1 + 1e-6


@pytest.mark.parametrize("kind", DRAWN)
def test_a_shadow_darkens_the_skin_and_covers_nothing(shot, kind):
    picture, opacity, landmarks = shot(kind=kind)
    bare = opacity == 0
    off_face = face_hull(landmarks, SIZE) == 0
    assert picture[bare].min() < 0.47
    assert picture[bare].max() <= 0.5
    np.testing.assert_array_equal(picture[bare & off_face], np.float32(0.5))


@pytest.mark.parametrize("kind", ["mask", "glasses", "sunglasses"])
def test_what_the_head_hides_is_not_drawn(shot, kind):
    assert shot(kind=kind, hidden=True)[1].max() == 0


@pytest.mark.parametrize("kind", ["glasses", "sunglasses", "mask"])
def test_the_share_said_beforehand_is_about_what_is_covered(painted, kind):
    covered = [render_image(painted, replace(CLEAN, occluder=kind, seed=seed), 112).occluded for seed in range(8)]
    assert np.mean(covered) == pytest.approx(NOMINAL_COVER[kind], rel=0.3)
