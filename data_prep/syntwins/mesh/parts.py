"""Everything but the head: eyeballs, teeth, ears, neck and shoulders. Shapes in cm, fixed once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int
from scipy.interpolate import CubicSpline

from syntwins.mesh.head import CLOTH, CURTAIN, EAR, EYE, NECK, TEETH

EYE_RADIUS, IRIS_ANGLE, PUPIL_ANGLE = 1.5, 0.40, 0.16  # cm, radians


@dataclass(frozen=True, eq=False)
class Part:
    """A mesh with a material per triangle."""

    points: Float[np.ndarray, "N 3"]
    faces: Int[np.ndarray, "T 3"]
    material: Int[np.ndarray, " T"]


def _grid(columns: int, rows: int, closed: bool = False) -> np.ndarray:
    """Triangles of a grid of vertices, row by row; `closed` joins the last column to the first."""
    row, column = np.mgrid[: rows - 1, : columns - (not closed)]
    a, b = row * columns + column, row * columns + (column + 1) % columns
    return np.stack([a, a + columns, b, b, a + columns, b + columns], -1).reshape(-1, 3).astype(np.int32)


def _part(points: np.ndarray, faces: np.ndarray, material: int) -> Part:
    return Part(points, faces, np.full(len(faces), material, np.int32))


@lru_cache(1)
def eyeball() -> Part:
    """Unit sphere, front half; its first two texture coordinates are angles from the optical axis."""
    turn, polar = np.meshgrid(np.linspace(0, 2 * np.pi, 28, endpoint=False), np.linspace(0, 1.5, 18))
    points = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1)
    return _part(points.reshape(-1, 3), _grid(28, 18, closed=True), EYE)


def eyeball_angles() -> Float[np.ndarray, "N 2"]:
    """Angle from the optical axis of each eyeball vertex, as x and y components, radians."""
    x, y, z = eyeball().points.T
    away, turn = np.arctan2(np.hypot(x, y), z), np.arctan2(y, x)
    return np.stack([away * np.cos(turn), away * np.sin(turn)], 1)


@lru_cache(1)
def teeth() -> Part:
    """A strip behind the lips."""
    y, angle = np.meshgrid([0.35, -0.35], np.linspace(-1.25, 1.25, 16), indexing="ij")
    points = np.stack([2.2 * np.sin(angle), y, 2.2 * np.cos(angle) - 2.2], -1)
    return _part(points.reshape(-1, 3), _grid(16, 2), TEETH)


# Outline of the left ear seen from the side: cm behind and above the ear's canal, from its front root upwards.
EAR_OUTLINE = np.array(
    [[-0.95, 0.2], [-0.85, 1.2], [-0.55, 2.3], [0.1, 3.05], [1.0, 3.2], [1.8, 2.65], [2.2, 1.6], [2.1, 0.5],
     [1.7, -0.6], [1.2, -1.6], [0.8, -2.5], [0.1, -3.05], [-0.6, -2.75], [-0.85, -1.9], [-0.95, -0.8]]
)  # fmt: skip
# From the canal to the rim and around it to the back: fraction of the outline, and relief, cm, of the upper back half
# (concha, antihelix, furrow, helix), of the front edge (tragus) and of the lobe.
EAR_RINGS = np.array([0, 0.22, 0.38, 0.5, 0.6, 0.72, 0.82, 0.9, 0.97, 1.0, 0.97, 0.8])
EAR_RELIEF = np.array([
    [-0.05, -0.05, 0.05, 0.5, 0.6, 0.38, 0.35, 0.68, 0.78, 0.55, 0.2, -0.75],
    [-0.05, 0.0, 0.15, 0.4, 0.55, 0.5, 0.3, 0.2, 0.05, -0.1, -0.3, -0.9],
    [-0.05, 0.0, 0.25, 0.5, 0.55, 0.5, 0.45, 0.42, 0.35, 0.2, -0.05, -0.5],
])  # fmt: skip
EAR_SHADE = np.array([
    [0.2, 0.25, 0.38, 0.75, 0.9, 0.6, 0.5, 0.85, 1.0, 0.95, 0.6, 0.3],
    [0.2, 0.25, 0.45, 0.7, 0.9, 0.95, 0.95, 0.95, 0.95, 0.9, 0.6, 0.3],
    [0.2, 0.25, 0.5, 0.75, 0.9, 0.95, 0.95, 0.95, 0.95, 0.9, 0.6, 0.3],
])  # fmt: skip
EAR_COLUMNS = 40
EAR_FLARE = np.radians(25)  # how far the back of the ear stands off the head
EAR_LEAN = np.radians(12)  # how far its top leans back
EAR_PLACE = np.array([6.9, -1.75, -7.2])  # the canal, cm


def _ear_rim() -> Float[np.ndarray, "2 T"]:
    """Smooth outline, cm behind and above the canal."""
    turn = np.linspace(len(EAR_OUTLINE), 0, EAR_COLUMNS, endpoint=False)  # outwards is to the right of the outline
    closed = np.vstack([EAR_OUTLINE, EAR_OUTLINE[:1]])
    return CubicSpline(np.arange(len(closed)), closed, bc_type="periodic")(turn).T


def _over_ear(profiles: Float[np.ndarray, "3 R"]) -> Float[np.ndarray, "R T"]:
    """Blend the profiles of upper back, front and lobe around the ear."""
    back, up = _ear_rim()
    lobe = np.clip((-0.7 - up) / 1.2, 0, 1)
    front = np.clip((-0.2 - back) / 0.5, 0, 1) * np.clip((1.9 - up) / 1.2, 0, 1) * (1 - lobe)
    return np.einsum("kr,kt->rt", profiles, np.stack([1 - front - lobe, front, lobe]))


@lru_cache(1)
def ear() -> Part:
    """Left ear: rim (helix), inner ridge (antihelix), hollow (concha) and lobe."""
    back, up = 0.94 * _ear_rim()[:, None] * EAR_RINGS[:, None]
    out = _over_ear(EAR_RELIEF)
    c, s = np.cos(EAR_LEAN), np.sin(EAR_LEAN)
    back, up = c * back + s * up, c * up - s * back
    from_root = back + 0.9
    x = np.sin(EAR_FLARE) * from_root + np.cos(EAR_FLARE) * out
    z = -np.cos(EAR_FLARE) * from_root + 0.9 + np.sin(EAR_FLARE) * out
    points = np.stack([x, up, z], -1).reshape(-1, 3) + EAR_PLACE
    return _part(points, _grid(EAR_COLUMNS, len(EAR_RINGS), closed=True), EAR)


@lru_cache(1)
def ear_shade() -> Float[np.ndarray, " N"]:
    """Ambient visibility of the ear: dark in the hollow, the furrow behind the rim and behind the ear."""
    return _over_ear(EAR_SHADE).ravel()


@lru_cache(1)
def neck() -> Part:
    """Neck and shoulders; the lower half is clothed."""
    y = np.array([-5.0, -7.0, -9.5, -12, -14, -15.5, -16.5, -18, -20, -24, -30])[:, None]
    rx = np.array([3.5, 4.7, 5.0, 5.1, 5.5, 6.6, 9, 14, 18, 20, 21])[:, None]
    rz = np.array([2.8, 3.8, 4.2, 4.7, 5.2, 5.8, 6.5, 7.2, 8, 9, 9.5])[:, None]
    z = np.array([-7.4, -8.0, -8.3, -8.6, -8.8, -8.8, -8.8, -8.8, -8.8, -8.8, -8.8])[:, None]  # hollow at the nape
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    points = np.stack([rx * np.sin(turn), y + 0 * turn, z + rz * np.cos(turn)], -1).reshape(-1, 3)
    faces = _grid(40, 11, closed=True)
    return Part(points, faces, np.where((faces // 40).max(1) >= 6, CLOTH, NECK).astype(np.int32))


@lru_cache(1)
def curtain_grid() -> tuple[Float[np.ndarray, "N 5"], Part]:
    """Locks of long hair, an outer and an inner layer.

    Returns:
        Per vertex: angle of its lock's middle and from there (radians), fraction from root to tip, a number in [0, 1)
        that varies from lock to lock, the same for everybody, and whether it is of the inner layer; and the triangles.
    """
    vertices, faces, start = [], [], 0
    # The inner layer fills the cracks between the locks of the outer one.
    for inner, first, locks, columns, rows in ((0, 58, 30, 3, 12), (1, 61, 24, 2, 8)):
        spacing = (360 - 2 * first) / (locks - 1)
        for lock in range(locks):
            middle = np.radians(first + lock * spacing)
            middle -= 2 * np.pi * (middle > np.pi)
            reach = np.radians(0.55 * spacing)
            q, across = np.meshgrid(np.linspace(0, 1, rows), np.linspace(-reach, reach, columns), indexing="ij")
            chance = np.full_like(q, (lock * 0.618034 + 0.31 * inner) % 1)  # neighbours differ
            vertices.append(np.stack([np.full_like(q, middle), across, q, chance, np.full_like(q, inner)], -1))
            faces.append(_grid(columns, rows) + start)
            start += columns * rows
    grid = np.concatenate([v.reshape(-1, 5) for v in vertices])
    return grid, _part(np.zeros((len(grid), 3)), np.concatenate(faces), CURTAIN)
