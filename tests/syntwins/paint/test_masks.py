import numpy as np

from syntwins.paint.masks import masks


def test_masks_are_mirror_images_of_themselves():
    for name, mask in masks(512).items():
        if name not in ("theta", "y"):
            assert np.abs(mask - mask[:, ::-1]).mean() < 0.1 * mask.mean() + 1e-6, name


def test_masks_lie_where_their_names_say():
    m = masks(512)
    middle = lambda name: (m["y"] * m[name]).sum() / m[name].sum()  # noqa: E731 - mean height, cm
    assert middle("lashes") > middle("under_eyes") > middle("nostrils") > middle("lips") > middle("beard")
    assert abs(middle("lashes")) < 0.5  # the origin is between the eyes


def test_both_resolutions_show_the_same():
    for name in ("lips", "beard", "wrinkles"):
        large = masks(1024)[name].reshape(320, 2, 512, 2).mean((1, 3))
        np.testing.assert_allclose(large, masks(512)[name], atol=2e-3)
