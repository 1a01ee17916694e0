"""Moles, freckles and scars: the small things that twins do not share."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from syntwins.knobs import Knobs
from syntwins.mesh import regions as at
from syntwins.mesh.head import AXIS_Z, TEXTURE_Y, head

MOLE, FRECKLE, SCAR = range(3)
MOLES_A_SUBJECT, SCARS_A_SUBJECT = 2.2, 0.2


@dataclass(frozen=True, eq=False)
class Marks:
    """Moles, freckles and scars of one subject.

    Attributes:
        kind: MOLE, FRECKLE or SCAR.
        uv: position on the texture, [0, 1].
        sigma: Gaussian radius, cm (of a scar: half length; its half width is 0.06 cm).
        contrast: peak opacity, [0, 1].
        angle: direction of a scar, radians.
    """

    kind: Int[np.ndarray, " M"]
    uv: Float[np.ndarray, "M 2"]
    sigma: Float[np.ndarray, " M"]
    contrast: Float[np.ndarray, " M"]
    angle: Float[np.ndarray, " M"]


def sample_marks(
    shared: np.random.Generator, own: np.random.Generator, knobs: Knobs, tone: float, mirrored: bool
) -> Marks:
    """Draw marks. Freckle density is the family's, everything else the member's."""
    density = max(0.0, shared.normal(-40, 60)) if tone < 1.5 else 0.0
    counts = (
        int(own.poisson(MOLES_A_SUBJECT * knobs.marks)),
        int(density * knobs.marks),
        int(own.poisson(SCARS_A_SUBJECT * knobs.marks)),
    )
    kind = np.repeat([MOLE, FRECKLE, SCAR], counts)
    n = len(kind)
    sites = np.where(kind == FRECKLE, own.choice(at.FRECKLE_SITES, n), own.choice(at.MARK_SITES, n))
    spread = np.where((kind == FRECKLE)[:, None], [0.9, 0.5], [0.42, 0.38])
    sigma = np.select([kind == MOLE, kind == FRECKLE], [own.uniform(0.05, 0.11, n), own.uniform(0.035, 0.065, n)],
                      own.uniform(0.2, 0.45, n))  # fmt: skip
    contrast = np.select([kind == MOLE, kind == FRECKLE], [own.uniform(0.5, 0.9, n), own.uniform(0.1, 0.35, n)],
                         own.uniform(0.2, 0.5, n))  # fmt: skip
    uv = shift_uv(head().uv[sites], own.normal(0, 1, (n, 2)) * spread)
    angle = own.uniform(0, np.pi, n)
    if mirrored:
        uv, angle = np.stack([1 - uv[:, 0], uv[:, 1]], 1), np.pi - angle
    return Marks(kind=kind, uv=uv, sigma=sigma * knobs.mark_size, contrast=contrast, angle=angle)


def texture_scale(uv: Float[np.ndarray, "M 2"]) -> Float[np.ndarray, "M 2"]:
    """Texture units per cm along u and v at some positions of the mean face (nearest vertex)."""
    mean_head = head()
    front = mean_head.mean[: at.FACE]
    nearest = ((mean_head.uv[None, : at.FACE] - uv[:, None]) ** 2).sum(-1).argmin(1)
    radius = np.hypot(front[nearest, 0], front[nearest, 2] - AXIS_Z)
    return np.stack([1 / (2 * np.pi * radius), np.full(len(uv), 1 / (TEXTURE_Y[1] - TEXTURE_Y[0]))], 1)


def shift_uv(uv: Float[np.ndarray, "M 2"], cm: Float[np.ndarray, "M 2"]) -> Float[np.ndarray, "M 2"]:
    """Texture positions moved by so many cm to the right and down on the mean face."""
    return uv + cm * texture_scale(uv)
