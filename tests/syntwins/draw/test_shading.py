from dataclasses import replace

import cv2
import numpy as np
import pytest

from syntwins import Nuisance, prepare, render_image, sample_subject
from syntwins.draw import render
from syntwins.mesh.head import EYE, SKIN

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


def test_a_lit_cheek_throws_no_shadow_on_itself(painted, monkeypatch):
    """Light that falls flat on the cheek: without any shadow map the cheek looks the same."""
    flat = replace(CLEAN, yaw=25.0, pitch=5.0, light_azimuth=-30.0)
    shaded = render_image(painted, flat, 224)
    monkeypatch.setattr(render, "_shadow_map", lit_everywhere(render._shadow_map))
    free = render_image(painted, flat, 224)
    cheek = np.zeros(shaded.part.shape, np.uint8)
    cv2.fillConvexPoly(cheek, cv2.convexHull(shaded.landmarks[[123, 50, 205, 207, 187, 147]].astype(np.int32)), 1)
    change = np.abs(shaded.pixels.astype(int) - free.pixels)[cheek == 1]
    assert len(change) > 500
    assert np.percentile(change, 99) <= 6


def lit_everywhere(shadow_map):
    """The shadow map's function, with nothing between any point and the light."""

    def empty(scene, light):
        frame, origin, shadow = shadow_map(scene, light)
        return frame, origin, np.full_like(shadow, -1e9)

    return empty


def test_eyes_have_a_light_in_them(painted):
    """Also where the upper lid's shadow lies: an eye without the light's image looks dead."""
    for elevation in (10.0, 40.0):
        image = render_image(painted, replace(CLEAN, light_elevation=elevation), 224)
        eye = image.pixels[image.part == EYE].mean(-1)
        assert eye.max() > np.percentile(eye, 90) + 25
