from dataclasses import replace

import cv2
import numpy as np
import pytest

from twinlib.data.syntwins import Knobs, Nuisance, prepare, render_image, sample_nuisance, sample_subject
from twinlib.data.syntwins.identity import MOLE
from twinlib.data.syntwins.mesh import SKIN, head
from twinlib.data.syntwins.raster import rasterise
from twinlib.data.syntwins.scene import anchor
from twinlib.data.syntwins.shading import shade
from twinlib.data.syntwins.texture import compose, hair_rgb, paint

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


def test_anchors_find_the_texture_position_they_were_given():
    uv = head().uv[[50, 425, 151, 199]] + [0.002, -0.003]
    np.testing.assert_allclose(anchor(uv).on(np.pad(head().uv, ((0, 0), (0, 1))))[:, :2], uv, atol=1e-6)


def test_hair_greys_and_wrinkles_deepen():
    subject = sample_subject(2, 0)
    young, old = (hair_rgb(replace(subject.palette, hair_rgb=(0.03,) * 3), subject.complexion, y) for y in (25.0, 68.0))
    assert (old > young).all()
    layers = paint(subject)
    a, b = compose(layers, subject, 25.0)[..., 4], compose(layers, subject, 65.0)[..., 4]
    assert b[layers.wrinkles > 0.5].mean() < a[layers.wrinkles > 0.5].mean()


def test_kernels_are_compiled_once(painted):
    """A second signature would double the compile time unnoticed."""
    render_image(painted, CLEAN, 112)
    assert (len(rasterise.signatures), len(shade.signatures)) == (1, 1)
