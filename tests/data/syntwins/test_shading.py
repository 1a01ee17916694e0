from dataclasses import replace

import numpy as np
import pytest

from twinlib.data.syntwins import Nuisance, prepare, render_image, sample_subject
from twinlib.data.syntwins.mesh import EYE, SKIN

CLEAN = Nuisance(noise=0.0, jpeg=100)


@pytest.fixture(scope="module")
def painted():
    return prepare(sample_subject(21, 0), 112)


def brightness(image, part):
    return image.pixels[image.part == part].mean()


def test_more_light_makes_brighter_skin(painted):
    dim, bright = (render_image(painted, replace(CLEAN, light=light), 96) for light in (0.6, 1.4))
    assert brightness(bright, SKIN) > brightness(dim, SKIN) + 10


def test_warm_light_reddens(painted):
    cool, warm = (render_image(painted, replace(CLEAN, warmth=w), 96) for w in (-0.2, 0.2))
    ratio = lambda image: np.divide(*image.pixels[image.part == SKIN].mean(0)[[0, 2]])  # noqa: E731 - red over blue
    assert ratio(warm) > 1.04 * ratio(cool)


def test_the_nose_throws_a_shadow(painted):
    """Light from the right: the cheek beside the nose is darker on the left than the same light's mirror image."""
    right, left = (
        render_image(painted, replace(CLEAN, light_azimuth=a, light_elevation=20.0), 112) for a in (60.0, -60.0)
    )
    x, y = right.landmarks[[129, 203]].mean(0).astype(int)
    assert right.pixels[y, x].mean() < left.pixels[y, x].mean() - 20


def test_the_whites_are_brighter_than_the_pupils(painted):
    image = render_image(painted, CLEAN, 160)
    eye = image.pixels[image.part == EYE].mean(-1)
    assert eye.max() > eye.min() + 60
