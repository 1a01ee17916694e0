import numpy as np

from twinlib.data.syntwins import regions as at

SIZE = 120


def test_no_lips_shine_through_a_mask(shot):
    _, opacity, landmarks = shot(kind="mask")
    lips = np.full((SIZE, SIZE, 3), 0.5, np.float32)
    x, y = landmarks[at.LIPS_OUTER].mean(0).astype(int)
    lips[y - 4 : y + 4, x - 10 : x + 10] = [0.8, 0.1, 0.1]
    assert opacity[y - 4 : y + 4, x - 10 : x + 10].min() == 1
    np.testing.assert_array_equal(shot(lips, kind="mask")[0], shot(kind="mask")[0])


def test_a_mask_is_whole_and_alike_on_both_sides(shot):
    opacity, landmarks = shot(kind="mask")[1:]
    inside = landmarks[[4, 1, 164, 0, 17, 18, 199, 205, 425, 207, 427, 214, 434, 213, 433]].astype(int)
    assert opacity[inside[:, 1], inside[:, 0]].min() == 1
    assert np.abs(opacity - opacity[:, ::-1]).mean() < 0.005


def test_a_brighter_side_of_the_face_makes_a_brighter_side_of_the_mask(shot):
    ramp = np.repeat(np.linspace(0.25, 0.75, SIZE, dtype=np.float32)[None, :, None], SIZE, 0).repeat(3, 2)
    picture, opacity, landmarks = shot(ramp, kind="mask")
    y, x = landmarks[0].astype(int)[::-1]
    left, right = (
        picture[y - 3 : y + 15, columns].mean() for columns in (slice(x - 25, x - 10), slice(x + 10, x + 25))
    )
    assert opacity[y, x - 25] == opacity[y, x + 24] == 1
    assert right > 1.1 * left
