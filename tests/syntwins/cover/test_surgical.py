import numpy as np


def test_a_mask_is_whole_and_alike_on_both_sides(shot):
    opacity, landmarks = shot(kind="mask")[1:]
    inside = landmarks[[4, 1, 164, 0, 17, 18, 199, 205, 425, 207, 427, 214, 434, 213, 433]].astype(int)
    assert opacity[inside[:, 1], inside[:, 0]].min() == 1
    assert np.abs(opacity - opacity[:, ::-1]).mean() < 0.005


def test_a_mask_is_lit_from_where_the_lamp_is(shot):
    picture, opacity, landmarks = shot(kind="mask", light=(0.8, 0.4, 0.0, 0.3))
    y, x = landmarks[0].astype(int)[::-1]
    left, right = (
        picture[y - 3 : y + 15, columns].mean() for columns in (slice(x - 25, x - 10), slice(x + 10, x + 25))
    )
    assert opacity[y, x - 25] == opacity[y, x + 24] == 1
    assert right > 1.1 * left


def test_a_mask_tells_nothing_of_the_asymmetry_that_it_hides(shot):
    opacity = shot(kind="mask", uneven=0.3)[1]
    assert np.abs(opacity - opacity[:, ::-1]).mean() < 0.005
