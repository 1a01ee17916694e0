"""Augmentation of a whole batch on the device: uint8 crops in, normalised floats out."""

import math

import torch
from jaxtyping import Bool, Float, Num, UInt8
from torch import Generator, Tensor, nn
from torch.nn.functional import affine_grid, grid_sample

GREY = (0.299, 0.587, 0.114)  # luma weights of RGB


def normalise(crops: UInt8[Tensor, "B H W 3"]) -> Float[Tensor, "B 3 H W"]:
    """RGB bytes to (x − 127.5) / 127.5, channels first in shape and last in memory."""
    return crops.permute(0, 3, 1, 2).float().sub_(127.5).div_(127.5)


def scaled_for(net: nn.Module, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H w"]:
    """Pixels of `normalise`, (x − 127.5) / 127.5, at the scale and of the columns that a network was set to.

    Args:
        net: with a `preprocess` whose mean is 127.5, or without one.
        images: normalised.
    """
    if (wanted := getattr(net, "preprocess", None)) is None:
        return images
    images = images if wanted.columns is None else images[..., slice(*wanted.columns)]
    return images if wanted.std[0] == 127.5 else images * (127.5 / wanted.std[0])


def colour_jitter(images: Float[Tensor, "B 3 H W"], amount: float, rng: Generator) -> Float[Tensor, "B 3 H W"]:
    """Brightness, contrast and saturation, each by a factor uniform in 1 ± amount, an image its own. In [-1, 1]."""
    return recolour(images, jitter_factors(len(images), amount, rng))


def jitter_factors(count: int, amount: float, rng: Generator) -> Float[Tensor, "3 B"]:
    """Brightness, contrast and saturation of each image, uniform in 1 ± amount."""
    return 1 + amount * (2 * torch.rand(3, count, generator=rng) - 1)


def recolour(images: Float[Tensor, "B 3 H W"], factors: Float[Tensor, "3 B"]) -> Float[Tensor, "B 3 H W"]:
    """Images with the brightness, contrast and saturation of `jitter_factors`, clipped to [-1, 1]."""
    brightness, contrast, saturation = factors.to(images.device)[..., None, None, None]
    x = (images + 1).mul_(brightness).sub_(1)  # in place: fresh memory costs more than the arithmetic
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    x.sub_(mean).mul_(contrast).add_(mean)
    grey = greyscale(x)
    return x.sub_(grey).mul_(saturation).add_(grey).clamp_(-1, 1)


def greyscale(images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 1 H W"]:
    """Luma of each pixel."""
    return torch.einsum("bchw,c->bhw", images, torch.tensor(GREY, device=images.device)).unsqueeze(1)


def random_affine(count: int, degrees: float, shift: float, rng: Generator) -> Float[Tensor, "B 2 3"]:
    """Rotations uniform in ± degrees about the centre and shifts uniform in ± shift of the side.

    Returns:
        Matrices from the new picture to the old one, both in [-1, 1], as `affine_grid` wants them.
    """
    draws = 2 * torch.rand(3, count, generator=rng) - 1
    angle = draws[0] * math.radians(degrees)
    cos, sin, dx, dy = angle.cos(), angle.sin(), 2 * shift * draws[1], 2 * shift * draws[2]
    return torch.stack([torch.stack([cos, -sin, dx], 1), torch.stack([sin, cos, dy], 1)], 1)


def warp(images: Float[Tensor, "B 3 H W"], theta: Float[Tensor, "T 2 3"]) -> Float[Tensor, "B 3 H W"]:
    """Images under matrices of `random_affine`, an image its own or one for all (T = 1); borders repeat."""
    grid = affine_grid(theta, [len(theta), *images.shape[1:]], align_corners=False)
    return grid_sample(images, grid.expand(len(images), -1, -1, -1), padding_mode="border", align_corners=False)


def warp_boxes(boxes: Float[Tensor, "B R 4"], theta: Float[Tensor, "B 2 3"]) -> Float[Tensor, "B R 4"]:
    """Upright boxes around the moved corners, cut at the picture's edge; coordinates in [0, 1]."""
    x, y = boxes[..., [0, 2, 0, 2]], boxes[..., [1, 1, 3, 3]]
    corners = 2 * torch.stack([x, y], dim=-1) - 1
    moved = torch.einsum(
        "bji,brkj->brki", theta[:, :, :2], corners - theta[:, None, None, :, 2]
    )  # inverse of a rotation
    return ((torch.cat([moved.amin(2), moved.amax(2)], dim=-1) + 1) / 2).clamp(0, 1)


def flip(images: Num[Tensor, "B 3 H W"], which: Bool[Tensor, " B"]) -> Num[Tensor, "B 3 H W"]:
    """Mirror the chosen images left to right."""
    return torch.where(which[:, None, None, None], images.flip(3), images)


def flip_boxes(boxes: Float[Tensor, "B R 4"], which: Bool[Tensor, " B"]) -> Float[Tensor, "B R 4"]:
    """Mirror the boxes of the chosen images left to right."""
    mirrored = torch.stack([1 - boxes[..., 2], boxes[..., 1], 1 - boxes[..., 0], boxes[..., 3]], dim=-1)
    return torch.where(which[:, None, None], mirrored, boxes)
