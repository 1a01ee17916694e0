"""TopoFR's random structure perturbation: one of four disturbances for some images of a batch, on the device."""

import math

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn.functional import conv2d, pad

from twinlib.data.feed.augment import greyscale, recolour
from twinlib.errors import InputError
from twinlib.methods import topofr

KINDS = ("blur", "grey", "colour", "erase")
SIGMA = (0.1, 5.0)  # px, of the blur
KERNEL = (9, 5)  # rows and columns of the blur's kernel
FACTORS = ((0.1, 0.5), (0.3, 0.6), (0.2, 0.5))  # brightness, contrast, saturation: darker, flatter, paler
HUE = (-0.1, 0.3)  # share of a full turn
AREA = (0.02, 1 / 3)  # share of the image that is erased
ASPECT = (0.3, 1 / 0.3)  # height over width of the erased box

# A perturbation takes the images and four numbers in [0, 1] an image, which decide its strength.
Draws = Float[Tensor, "B 4"]


def perturb(images: Float[Tensor, "B 3 H W"], rng: Generator, p: float = 0.2) -> Float[Tensor, "B 3 H W"]:
    """Each image with probability p blurred, greyed, recoloured or partly erased, one of the four at equal chance.

    Args:
        images: values in [-1, 1]; they stay as they are, the result is a new batch.
        rng: CPU generator; it decides everything, and what happens to an image hangs on its place alone.
        p: chance of an image to be perturbed, TopoFR's ξ.

    Raises:
        InputError: for a p outside [0, 1].

    Notes:
        The paper compares embeddings of the perturbed images with the images before it. In the released code both
        names stand for one tensor, so that it compares with the perturbed images.

    Source:
        Dan et al., TopoFR, NeurIPS 2024; ranges of its released code. There, hue turns in HSV and the operations come
        in random order; here it turns in the plane of colour differences, and they come in a fixed order.
    """
    if not 0 <= p <= 1:
        raise InputError(f"perturbation.p is a chance in [0, 1]; got {p}.")
    chosen = torch.rand(len(images), generator=rng) < p
    kind = torch.randint(len(KINDS), (len(images),), generator=rng)
    draws = torch.rand(len(images), 4, generator=rng)
    out = images.clone()
    for number, change in enumerate((blur, grey, colour, erase)):
        if len(rows := (chosen & (kind == number)).nonzero()[:, 0]):
            here = rows.to(images.device)
            out[here] = change(images[here], draws[rows].to(images))
    return out


def blur(images: Float[Tensor, "B 3 H W"], u: Draws) -> Float[Tensor, "B 3 H W"]:
    """Gaussian blur, σ uniform in `SIGMA`; borders are mirrored."""
    sigma = _between(SIGMA, u[:, 0])
    x = images.reshape(1, -1, *images.shape[2:])
    for axis, size in enumerate(KERNEL):
        weight = _gaussian(size, sigma).repeat_interleave(3, 0)
        shape = (-1, 1, size, 1) if axis == 0 else (-1, 1, 1, size)
        sides = (0, 0, size // 2, size // 2) if axis == 0 else (size // 2, size // 2, 0, 0)
        x = conv2d(pad(x, sides, mode="reflect"), weight.reshape(shape), groups=len(weight))
    return x.reshape(images.shape)


def grey(images: Float[Tensor, "B 3 H W"], u: Draws) -> Float[Tensor, "B 3 H W"]:
    """Luma in all three channels; u is not needed."""
    return greyscale(images).expand_as(images)


def colour(images: Float[Tensor, "B 3 H W"], u: Draws) -> Float[Tensor, "B 3 H W"]:
    """Brightness, contrast and saturation by factors uniform in `FACTORS`, hue turned by a share uniform in `HUE`."""
    factors = torch.stack([_between(ends, u[:, i]) for i, ends in enumerate(FACTORS)])
    x = recolour(images, factors)
    luma, turn = greyscale(x), 2 * math.pi * _between(HUE, u[:, 3])
    return (luma + torch.einsum("bij,bjhw->bihw", _about_grey(turn), x - luma)).clamp(-1, 1)


def erase(images: Float[Tensor, "B 3 H W"], u: Draws) -> Float[Tensor, "B 3 H W"]:
    """A box of middle grey; its area and place are uniform, its aspect uniform in the logarithm."""
    height, width = images.shape[2:]
    area, log_ratio = _between(AREA, u[:, 0]) * height * width, _between(tuple(map(math.log, ASPECT)), u[:, 1])
    h = (area * log_ratio.exp()).sqrt().round().clamp(1, height)
    w = (area / log_ratio.exp()).sqrt().round().clamp(1, width)
    inside = _span(height, h, u[:, 2])[:, None, :, None] & _span(width, w, u[:, 3])[:, None, None, :]
    return images.masked_fill(inside, 0.0)


def _between(ends: tuple[float, ...], u: Tensor) -> Tensor:
    return ends[0] + (ends[1] - ends[0]) * u


def _gaussian(size: int, sigma: Float[Tensor, " B"]) -> Float[Tensor, "B size"]:
    x = torch.arange(size, device=sigma.device) - size // 2
    weight = (-0.5 * (x[None] / sigma[:, None]) ** 2).exp()
    return weight / weight.sum(1, keepdim=True)


def _about_grey(angle: Float[Tensor, " B"]) -> Float[Tensor, "B 3 3"]:
    """Rotations of colour space about its grey diagonal (Rodrigues)."""
    n = 1 / math.sqrt(3)
    cross = n * torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]], device=angle.device)
    sin, cos = angle.sin()[:, None, None], angle.cos()[:, None, None]
    return cos * torch.eye(3, device=angle.device) + sin * cross + (1 - cos) / 3


def _span(length: int, size: Float[Tensor, " B"], u: Float[Tensor, " B"]) -> Tensor:
    """Which of `length` places lie in a run of the given size, its start uniform."""
    start = (u * (length - size + 1)).floor().clamp_max(length - 1)[:, None]
    place = torch.arange(length, device=size.device)[None]
    return (place >= start) & (place < start + size[:, None])


class Structure:
    """TopoFR's random structure perturbation; see `perturb`.

    Args:
        cfg: the probability.
    """

    def __init__(self, cfg: topofr.Structure) -> None:
        self.p = cfg.p

    def __call__(
        self, images: Float[Tensor, "B 3 H W"], rng: torch.Generator, net: nn.Module
    ) -> Float[Tensor, "B 3 H W"]:
        """Perturbed copy; `net` is not used."""
        return perturb(images, rng, self.p)
