import math

import pytest
import torch
from scipy.ndimage import convolve1d

from twinlib.data.feed.augment import GREY
from twinlib.errors import InputError
from twinlib.methods.topofr.rsp import KINDS, blur, colour, erase, grey, perturb


def faces(count=6, side=24):
    return 1.6 * torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(1)) - 0.8


def test_a_generator_decides_everything_and_the_input_stays():
    images = faces(40)
    before = images.clone()
    one, two = (perturb(images, torch.Generator().manual_seed(3), 0.5) for _ in range(2))
    assert torch.equal(one, two)
    assert torch.equal(images, before)
    assert not torch.equal(one, perturb(images, torch.Generator().manual_seed(4), 0.5))


def test_what_happens_to_an_image_hangs_on_its_place_alone():
    images = faces(40)
    other = images.clone()
    other[1:] = other[1:].flip(2)
    one, two = (perturb(x, torch.Generator().manual_seed(2), 1.0)[0] for x in (images, other))
    assert torch.equal(one, two)


@pytest.mark.parametrize("p", [0.0, 0.2, 1.0])
def test_the_share_of_perturbed_images_is_p(p):
    images = faces(600, 12)
    changed = (perturb(images, torch.Generator().manual_seed(0), p) - images).abs().flatten(1).amax(1) > 0
    assert abs(float(changed.float().mean()) - p) <= (0 if p == 0 else 0.05)  # a blur of σ 0.1 changes nothing


def test_each_of_the_four_has_an_equal_chance():
    images = faces(1, 12).repeat(800, 1, 1, 1)
    out = perturb(images, torch.Generator().manual_seed(0), 1.0)
    grey_all = grey(images[:1], torch.zeros(1, 4))
    greyed = torch.isclose(out, grey_all).all(1).all(1).all(1)  # some processors round a batch and one image apart
    erased = (out == 0).all(1).any(1).any(1)
    assert [abs(float(x.float().mean()) - 1 / len(KINDS)) < 0.05 for x in (greyed, erased)] == [True, True]


def test_blur_is_two_passes_of_a_gaussian_with_mirrored_borders():
    images, u = faces(3), torch.tensor([[0.0, 0, 0, 0], [0.3, 0, 0, 0], [1.0, 0, 0, 0]])
    got = blur(images, u)
    for image, share, blurred in zip(images, (0.0, 0.3, 1.0), got, strict=True):
        wanted, sigma = image.double().numpy(), 0.1 + 4.9 * share
        for axis, half in ((1, 4), (2, 2)):
            weight = [math.exp(-0.5 * (i / sigma) ** 2) for i in range(-half, half + 1)]
            wanted = convolve1d(wanted, [w / sum(weight) for w in weight], axis=axis, mode="mirror")
        torch.testing.assert_close(blurred.double(), torch.from_numpy(wanted), atol=1e-5, rtol=0)


def test_grey_is_luma_and_a_grey_picture_keeps_its_hue():
    images = faces()
    luma = sum(w * images[:, i] for i, w in enumerate(GREY))
    greyed = grey(images, torch.zeros(6, 4))
    torch.testing.assert_close(greyed[:, 2], luma)
    turned = colour(greyed, torch.rand(6, 4))
    torch.testing.assert_close(turned[:, 0], turned[:, 1], atol=1e-5, rtol=0)


def test_colour_darkens_flattens_and_pales_within_the_released_ranges():
    images, u = faces(), torch.rand(6, 4, generator=torch.Generator().manual_seed(5))
    out = colour(images, u)
    factor = (out.mean((1, 2, 3)) + 1) / (images.mean((1, 2, 3)) + 1)
    torch.testing.assert_close(factor, 0.1 + 0.4 * u[:, 0], atol=0.01, rtol=0)
    assert (out.flatten(1).std(1) < 0.31 * images.flatten(1).std(1)).all()  # at most .5 · .6
    assert out.abs().max() <= 1


def test_hue_turns_a_third_of_the_circle_from_red_to_green():
    third = torch.tensor([(1 / 3 + 0.1) / 0.4])  # beyond the drawn range, for the formula only
    red = torch.tensor([0.5, -0.25, -0.25])[None, :, None, None].expand(1, 3, 12, 12)
    from twinlib.methods.topofr.rsp import HUE, _about_grey, _between

    turned = torch.einsum("bij,bjhw->bihw", _about_grey(2 * math.pi * _between(HUE, third)), red)
    torch.testing.assert_close(turned[0, :, 0, 0], torch.tensor([-0.25, 0.5, -0.25]), atol=1e-5, rtol=0)


def test_erase_clears_one_box_of_the_drawn_area():
    images, u = faces(50, 40), torch.rand(50, 4, generator=torch.Generator().manual_seed(2))
    gone = (erase(images, u) == 0).all(1)
    rows, columns = gone.any(2).sum(1), gone.any(1).sum(1)
    assert torch.equal(rows * columns, gone.sum((1, 2)))  # a box
    wanted = (0.02 + (1 / 3 - 0.02) * u[:, 0]) * 1600
    fits = (rows < 40) & (columns < 40)
    assert fits.sum() > 40
    assert ((gone.sum((1, 2)) - wanted).abs()[fits] < 0.12 * wanted[fits] + 20).all()
    ends = torch.tensor([[1.0, 0.0, 0.9999, 0.9999], [1.0, 1.0, 0.0, 0.0]])
    assert (erase(images[:2], ends) == 0).all(1).any(2).any(1).all()


def test_refusal():
    with pytest.raises(InputError, match=r"chance in \[0, 1\]; got 20.0"):
        perturb(faces(), torch.Generator(), 20.0)
