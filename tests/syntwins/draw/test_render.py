from dataclasses import replace

import cv2
import numpy as np
import pytest

from syntwins import Knobs, Nuisance, prepare, render_image, sample_nuisance, sample_subject
from syntwins.draw.raster import rasterise
from syntwins.draw.shading import shade
from syntwins.mesh.head import SKIN
from syntwins.paint.marks import MOLE

NOTHING = Knobs(divergence=0.0, asymmetry_cm=0.0, marks=0.0, own_texture=False)
CLEAN = Nuisance(noise=0.0, jpeg=100)


@pytest.fixture(scope="module")
def painted():
    return prepare(sample_subject(21, 0, Knobs(marks=3.0)), 112)


def test_equal_input_gives_equal_bytes_and_the_pixels_are_the_file(painted):
    nuisance = sample_nuisance(np.random.default_rng(4))
    a, b = render_image(painted, nuisance, 112), render_image(painted.subject, nuisance, 112)
    assert a.jpeg == b.jpeg
    decoded = cv2.imdecode(np.frombuffer(a.jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(a.pixels, decoded)


def test_twins_have_equal_pixels_when_every_cause_is_off_and_not_otherwise():
    nuisance = sample_nuisance(np.random.default_rng(9))
    render = lambda member, knobs: render_image(sample_subject(3, member, knobs), nuisance, 96).jpeg  # noqa: E731
    assert render(0, NOTHING) == render(1, NOTHING)
    for cause in ({"asymmetry_cm": 0.055}, {"own_texture": True}, {"divergence": 0.1}):
        assert render(0, replace(NOTHING, **cause)) != render(1, replace(NOTHING, **cause))


@pytest.mark.parametrize("yaw", [-30.0, 0.0, 30.0])
def test_visible_landmarks_lie_on_the_head(painted, yaw):
    image = render_image(painted, replace(CLEAN, yaw=yaw), 112)
    assert ((image.landmarks > 0) & (image.landmarks < 112)).all()
    x, y = np.floor(image.landmarks[image.visible]).astype(int).T
    assert (image.part[y, x] >= 0).mean() > 0.97
    assert (image.part == SKIN).mean() > 0.15


def test_a_turned_head_hides_its_far_side(painted):
    """Yaw to the image's right hides the side of the person that is at the image's right."""
    image = render_image(painted, replace(CLEAN, yaw=60.0), 112)
    near, far = image.visible[[50, 117, 205]], image.visible[[454, 356, 323]]
    assert near.all()
    assert not far.any()


def test_landmarks_scale_with_the_image(painted):
    small, large = (render_image(painted, CLEAN, size).landmarks for size in (80, 160))
    np.testing.assert_allclose(2 * small, large, atol=1e-3)


def test_light_from_the_right_lights_the_right(painted):
    image = render_image(painted, replace(CLEAN, light_azimuth=70.0), 112)
    left, right = (image.pixels[int(y), int(x)].mean() for x, y in image.landmarks[[50, 280]])
    assert right > left + 10


def test_moles_are_dark_where_the_truth_says(painted):
    """Against the same face without marks, the picture darkens at the true pixel of each visible mole."""
    subject = painted.subject
    empty = replace(
        subject.marks, **{name: getattr(subject.marks, name)[:0] for name in subject.marks.__dataclass_fields__}
    )
    marked = render_image(painted, CLEAN, 112)
    plain = render_image(replace(subject, marks=empty), CLEAN, 112)
    darker = plain.pixels.astype(float).mean(-1) - marked.pixels.astype(float).mean(-1)
    moles = np.flatnonzero((subject.marks.kind == MOLE) & marked.marks_visible)
    assert len(moles) > 1
    for x, y in marked.marks[moles]:
        around = darker[int(y) - 1 : int(y) + 3, int(x) - 1 : int(x) + 3]
        assert around.max() > 8


def test_kernels_are_compiled_once(painted):
    """A second signature would double the compile time unnoticed."""
    render_image(painted, CLEAN, 112)
    assert (len(rasterise.signatures), len(shade.signatures)) == (1, 1)
