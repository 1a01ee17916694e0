import cv2
import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.faces import align


def turned(points: np.ndarray, angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return points @ np.array([[c, -s], [s, c]]).T + shift


def reference_umeyama(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """By singular values, as the method was published."""
    x, y = source - source.mean(0), target - target.mean(0)
    u, d, vt = np.linalg.svd(y.T @ x / len(x))
    sign = np.diag([1, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ sign @ vt
    scale = np.trace(np.diag(d) @ sign) / x.var(0).sum()
    return np.column_stack([scale * rotation, target.mean(0) - scale * rotation @ source.mean(0)])


@pytest.mark.parametrize("seed", range(8))
def test_similarity_agrees_with_the_published_method(seed):
    rng = np.random.default_rng(seed)
    source, target = rng.normal(50, 20, (5, 2)), rng.normal(50, 20, (5, 2))
    np.testing.assert_allclose(align.similarity(source, target), reference_umeyama(source, target), atol=1e-9)


def test_similarity_recovers_a_turn():
    target = turned(align.TEMPLATE_112, 0.7, 2.5, (30, -11))
    matrix = align.similarity(align.TEMPLATE_112, target)
    np.testing.assert_allclose(align.transform(align.TEMPLATE_112, matrix), target, atol=1e-9)


def test_similarity_never_reflects():
    matrix = align.similarity(align.TEMPLATE_112, align.TEMPLATE_112 * (-1, 1))
    assert np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (np.ones((5, 2)), align.TEMPLATE_112, "coincide"),
        (align.TEMPLATE_112, np.ones((5, 2)), "coincide"),
        (np.full((5, 2), np.nan), align.TEMPLATE_112, "NaN"),
        (align.TEMPLATE_112[:4], align.TEMPLATE_112, "two equal lists"),
        (align.TEMPLATE_112[:1], align.TEMPLATE_112[:1], "2 points"),
        # the mirror image of a square: every rotation fits as badly
        (np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]]), np.array([[1.0, 0], [0, 0], [0, 1], [1, 1]]), "no rotation"),
    ],
)
def test_similarity_refuses(source, target, reason):
    with pytest.raises(InputError, match=reason):
        align.similarity(source, target)


def test_there_and_back():
    matrix = align.similarity(align.TEMPLATE_112, turned(align.TEMPLATE_112, -0.3, 0.2, (5, 6)))
    points = np.random.default_rng(0).normal(size=(2, 7, 2))
    np.testing.assert_allclose(align.transform(align.transform(points, matrix), align.invert(matrix)), points)


def test_template_scales_and_refuses_tiny_crops():
    np.testing.assert_allclose(align.template(224), 2 * align.TEMPLATE_112)
    with pytest.raises(InputError, match="at least 16"):
        align.template(8)


def spot(width: int, height: int, x: float, y: float, radius: float) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    light = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    return np.repeat(light[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("scale", [0.06, 0.3, 0.49, 0.8, 1.7])
def test_pixels_go_where_points_go(scale):
    """A spot of light is found in the crop where `transform` says, whatever the scale (down to averaging first)."""
    centre = np.array([[301.0, 222.0]])
    matrix = np.column_stack([scale * np.eye(2), np.array([40.3, 44.8]) - scale * centre[0]])
    crop = align.warp(spot(613, 457, *centre[0], radius=4 / scale), matrix, 96)[..., 0].astype(float)
    crop[crop < 40] = 0  # what the repeated edges smear
    columns, rows = np.meshgrid(np.arange(96), np.arange(96))
    seen = np.array([(crop * columns).sum(), (crop * rows).sum()]) / crop.sum()
    np.testing.assert_allclose(seen, align.transform(centre, matrix)[0], atol=0.1)


def test_shrinking_does_not_alias():
    board = np.indices((800, 800)).sum(0) % 2 * 255
    crop = align.warp(np.repeat(board[..., None], 3, axis=2).astype(np.uint8), align.centre_crop(800, 800, 100), 100)
    assert np.abs(crop[2:-2, 2:-2].astype(float) - 127.5).max() < 3


def test_edges_are_repeated():
    image = np.full((20, 20, 3), 7, np.uint8)
    assert (align.warp(image, np.array([[1.0, 0, 30], [0, 1, 30]]), 64) == 7).all()


@pytest.mark.parametrize("matrix", [np.zeros((2, 3)), np.full((2, 3), np.nan)])
def test_warp_refuses(matrix):
    with pytest.raises(InputError, match="scale"):
        align.warp(np.zeros((4, 4, 3), np.uint8), matrix, 32)


def test_centre_crop_of_a_square_is_a_resize():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(align.warp(image, align.centre_crop(64, 64, 64), 64), image)
    wide = np.concatenate([np.zeros((64, 18, 3), np.uint8), image, np.zeros((64, 18, 3), np.uint8)], axis=1)
    np.testing.assert_array_equal(align.warp(wide, align.centre_crop(100, 64, 64), 64), image)
    bigger = align.warp(image, align.centre_crop(64, 64, 128), 128)
    resized = cv2.resize(image, (128, 128), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(bigger.astype(int), resized, atol=8)  # OpenCV's warp knows 32 steps between two pixels


def face(size: float = 112) -> np.ndarray:
    """478 points at the middle, with the used ones moved to known places."""
    points = np.full((478, 2), size / 2 - 0.5)
    points[[33, 263]] = [[20, 50], [90, 50]]
    points[[61, 291]] = [[40, 90], [72, 90]]
    return points


def test_region_boxes_surround_their_points():
    boxes = align.region_boxes(face(), 112)
    eyes, mouth = boxes[0], boxes[2]
    np.testing.assert_allclose(eyes[[0, 2]], [20.5 / 112 - align.MARGIN, 90.5 / 112 + align.MARGIN])
    np.testing.assert_allclose(mouth[[0, 3]], [40.5 / 112 - align.MARGIN, 90.5 / 112 + align.MARGIN])
    # the nose is a single point here: the smallest box around the middle of the crop
    np.testing.assert_allclose(boxes[1], [0.5 - align.SMALLEST / 2] * 2 + [0.5 + align.SMALLEST / 2] * 2)


@pytest.mark.parametrize("seed", range(5))
def test_region_boxes_are_valid_for_any_points(seed):
    points = np.random.default_rng(seed).normal(56, 200, (478, 2)) + seed * 300
    boxes = align.region_boxes(points, 112)
    assert align.valid_boxes(boxes).all()
    assert (boxes[:, 2:] - boxes[:, :2] >= align.SMALLEST - 1e-9).all()


def test_region_boxes_do_not_depend_on_the_crop_size():
    points = face()
    np.testing.assert_allclose(align.region_boxes(points, 112), align.region_boxes((points + 0.5) * 2 - 0.5, 224))


def test_boxes_refuse_missing_points():
    with pytest.raises(InputError, match="468"):
        align.region_boxes(np.zeros((5, 2)), 112)
    with pytest.raises(InputError, match="CANONICAL_BOXES"):
        align.region_boxes(np.full((478, 2), np.nan), 112)
    with pytest.raises(InputError, match="468"):
        align.five_points(np.zeros((5, 2)))


def test_five_points_are_means_of_their_groups():
    points = np.zeros((478, 2))
    points[list(align.LEFT_EYE)] = np.random.default_rng(0).normal(size=(16, 2))
    points[[1, 4]] = [[3, 4], [5, 8]]
    points[61], points[291] = (1, 2), (3, 4)
    expected = [points[list(align.LEFT_EYE)].mean(0), [0, 0], [4, 6], [1, 2], [3, 4]]
    np.testing.assert_allclose(align.five_points(points), expected)


def test_canonical_boxes_are_valid_and_symmetric():
    boxes = align.CANONICAL_BOXES
    assert align.valid_boxes(boxes).all()
    np.testing.assert_allclose(boxes[:, 0] + boxes[:, 2], 1)
    assert not align.valid_boxes(np.array([[0.5, 0.5, 0.4, 0.6], [np.nan] * 4, [-0.1, 0, 1, 1]])).any()


def test_five_points_are_the_same_for_stored_and_for_fresh_landmarks():
    """Stored landmarks are single precision; the means of both must not differ by its rounding."""
    stored = np.random.default_rng(3).uniform(0, 160, (468, 2)).astype(np.float32)
    np.testing.assert_array_equal(align.five_points(stored), align.five_points(stored.astype(np.float64)))


def test_frontness_is_one_between_the_eyes_zero_without_a_face_and_scales_with_the_crop():
    eyes, nose = np.array([[40.0, 40.0, 40.0, np.nan], [70.0] * 4]), np.array([55.0, 56.0, 53.0, 55.0])
    rho = align.frontness(*eyes, nose)
    assert rho.tolist() == pytest.approx([1, 1 / 2, 1 / 5, 0])
    np.testing.assert_array_equal(align.frontness(*(2 * eyes), 2 * nose, width=224), rho)
    np.testing.assert_array_equal(align.frontness(*eyes[::-1], nose), rho)


def test_one_step_to_the_crop_with_all_points_five_points_or_none():
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    points = np.random.default_rng(1).uniform(30, 60, (478, 2)).astype(np.float32)
    for place, point in zip(align.FIVE, align.template(112) / 2 + 10, strict=True):
        points[list(place)] = point
    whole, few = align.aligned(image, points, 48), np.full((478, 2), np.nan, np.float32)
    for place in align.FIVE:
        few[list(place)] = points[list(place)]
    five, none = align.aligned(image, few, 48), align.aligned(image, None, 48)
    np.testing.assert_allclose(align.transform(align.five_points(points), whole.matrix), align.template(48), atol=1e-4)
    np.testing.assert_array_equal(five.crop, whole.crop)
    assert (whole.canonical, five.canonical, none.canonical) == (False, True, True)
    np.testing.assert_array_equal(none.crop, align.warp(image, align.centre_crop(120, 90, 48), 48))
