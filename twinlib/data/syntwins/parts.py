"""Everything but the head: eyeballs, teeth, ears, neck and shoulders. Shapes in cm, fixed once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from twinlib.data.syntwins.mesh import CLOTH, CURTAIN, EAR, EYE, NECK, TEETH

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


@lru_cache(1)
def ear() -> Part:
    """Left ear, a shallow cup."""
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    radius = np.array([0, 0.35, 0.6, 0.78, 0.92, 1.0, 1.02, 0.85])[:, None]
    out = np.array([0.25, 0.15, 0.25, 0.55, 0.95, 0.9, 0.4, -0.2])[:, None]
    # The front edge lies against the head, the back edge stands off; narrower at the lobe, leaning back.
    back, up = np.cos(turn) * radius, np.sin(turn) * radius
    x = 6.95 + 0.55 * out + 0.55 * back
    y = -1.5 + 2.9 * up
    z = -7.9 - 1.55 * back * (1 + 0.25 * up) - 0.45 * up
    return _part(np.stack([x, y, z], -1).reshape(-1, 3), _grid(20, 8, closed=True), EAR)


@lru_cache(1)
def ear_shade() -> Float[np.ndarray, " N"]:
    """Ambient visibility of the ear: darkest in its middle."""
    return np.clip(0.35 + 0.12 * (np.arange(len(ear().points)) // 20), 0.4, 1)


@lru_cache(1)
def neck() -> Part:
    """Neck and shoulders; the lower half is clothed."""
    y = np.array([-7.0, -9.5, -12, -14, -15.5, -16.5, -18, -20, -24, -30])[:, None]
    rx = np.array([5.0, 5.0, 5.1, 5.5, 6.6, 9, 14, 18, 20, 21])[:, None]
    rz = np.array([4.6, 4.7, 4.9, 5.2, 5.8, 6.5, 7.2, 8, 9, 9.5])[:, None]
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    points = np.stack([rx * np.sin(turn), y + 0 * turn, -8.8 + rz * np.cos(turn)], -1).reshape(-1, 3)
    faces = _grid(40, 10, closed=True)
    return Part(points, faces, np.where((faces // 40).max(1) >= 5, CLOTH, NECK).astype(np.int32))


@lru_cache(1)
def curtain_grid() -> tuple[Float[np.ndarray, "N 2"], Part]:
    """Angle and fraction down of the long hair's vertices, and its triangles."""
    q, angle = np.meshgrid(np.linspace(0, 1, 24), np.radians(np.linspace(66, 294, 60)), indexing="ij")
    grid = np.stack([angle, q], -1).reshape(-1, 2)
    return grid, _part(np.zeros((len(grid), 3)), _grid(60, 24), CURTAIN)
