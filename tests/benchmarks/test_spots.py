import numpy as np
import pytest

from benchmarks import spots

POINTS = np.array([[10.0, 10.0], [100.0, 12.0], [98.0, 100.0], [12.0, 98.0], [55.0, 50.0]])


def crop_with(dots=(), edge=None):
    """A lit grey crop with Gaussian dark dots (x, y) of sigma 1 px and a vertical edge."""
    y, x = np.mgrid[:112, :112]
    picture = 150 - 40 * x / 112
    for u, v in dots:
        picture *= 1 - 0.4 * np.exp(-((x - u) ** 2 + (y - v) ** 2) / 2)
    if edge is not None:
        picture[:, edge:] *= 0.5
    return picture[..., None].repeat(3, 2).astype(np.uint8)


def test_a_dot_answers_most_where_it_is_and_an_edge_does_not():
    found = spots.dark_spots(crop_with([(40, 70)], edge=90))
    y, x = np.nonzero(found == found.max())  # the response is cut at a ceiling
    assert (x.mean(), y.mean()) == pytest.approx((40, 70), abs=0.6)
    assert found[70, 40] > 10 * found[20:100, 85:95].max()


def test_the_light_does_not_matter():
    bright = crop_with([(40, 70)])
    dim = (bright * 0.6).astype(np.uint8)
    np.testing.assert_allclose(spots.dark_spots(bright)[70, 40], spots.dark_spots(dim)[70, 40], rtol=0.15)


def test_bending_brings_landmarks_home():
    """A picture whose landmarks lie 4 px to the right and 2 px down of the map's."""
    skin = spots.skin_of(POINTS)
    ramp = np.mgrid[:112, :112].astype(np.float32)
    bent = spots.Skin.flatten(skin, ramp[1], POINTS + np.array([4.0, 2.0]))
    inside = skin.inside & (ramp[1] < 100)
    np.testing.assert_allclose(bent[inside], ramp[1][inside] + 4, atol=0.05)


def test_responses_are_read_at_the_places_given():
    crop = crop_with([(40, 70), (60, 30)])
    at = spots.response_at(crop, np.array([[40.0, 70.0], [60.0, 30.0], [80.0, 80.0]]))
    assert at[:2].min() > 10 * at[2]
    assert spots.response_at(crop, np.zeros((0, 2))).shape == (0,)


def test_skin_that_always_answers_is_left_out():
    skin = spots.skin_of(POINTS)
    maps = np.random.default_rng(0).uniform(0, 0.1, (20, 112, 112))
    maps[:, 40:60, 40:60] = 1.0
    calm = spots.calm_skin(skin, maps)
    assert not calm[40:60, 40:60].any()
    assert not calm[~skin.inside].any()
    assert abs(calm[skin.inside].mean() - spots.CALM) < 0.05
