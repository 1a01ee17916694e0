"""Square windows of a photograph: which pixels they show, and the way back to the photograph.

A matrix [2, 3] maps points (x, y) of the photograph, px, to points of the window, as in `data.align`.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.faces.align import Matrix, invert, template, transform, warp

RGB = UInt8[np.ndarray, "H W 3"]


def tiled(width: int, height: int, scale: float, side: int, overlap: int) -> list[Matrix]:
    """Matrices into the windows that show a scaled picture: one in its middle, or as many as it takes.

    Args:
        width: of the picture, px.
        height: likewise.
        scale: window px for each px of the picture.
        side: of the windows, px.
        overlap: of neighbours, px; `side` for a picture that one window shows.
    """
    step = side - overlap

    def starts(length: int) -> list[float]:
        count = max(-(-(scale * length - overlap) // step), 1) if step else 1
        first = (scale * length - count * step - overlap) / 2
        return [first + i * step for i in range(int(count))]

    half = (scale - 1) / 2  # pixel centres are whole numbers
    return [np.array([[scale, 0, half - x], [0, scale, half - y]]) for y in starts(height) for x in starts(width)]


def turned(matrix: Matrix, quarters: int, width: int, height: int) -> Matrix:
    """Matrix into the same window after `np.rot90(window, quarters)`.

    Args:
        matrix: photograph → window.
        quarters: turns counter-clockwise.
        width: of the window before the turn, px.
        height: likewise.
    """
    x, y = width - 1, height - 1
    turns = [
        [[1, 0, 0], [0, 1, 0]],
        [[0, 1, 0], [-1, 0, x]],
        [[-1, 0, x], [0, -1, y]],
        [[0, -1, y], [1, 0, 0]],
    ]
    a = np.array(turns[quarters % 4])
    return np.column_stack([a[:, :2] @ matrix[:, :2], a[:, :2] @ matrix[:, 2] + a[:, 2]])


def mirrored(matrix: Matrix, side: int) -> Matrix:
    """Matrix into the mirror image of a window."""
    return np.array([[-1.0], [1.0]]) * matrix + np.array([[0, 0, side - 1.0], [0, 0, 0]])


def around(side: int, share: float) -> Float[np.ndarray, "5 2"]:
    """Five target points in the middle of a window: those of the aligned crop at a share of the window's side."""
    return template(112) * (side * share / 112) + side * (1 - share) / 2


def cut(
    pixels: RGB, matrix: Matrix, side: int, outside: Literal["edge", "black"] = "black"
) -> UInt8[np.ndarray, "S S 3"]:
    """Pixels of a window; only the part of the photograph that it shows is touched, however large the photograph is.

    Args:
        pixels: the photograph, RGB.
        matrix: photograph → window.
        side: of the window, px.
        outside: what is shown beyond the photograph: its repeated edge, or black.
    """
    corners = transform(np.array([[0, 0], [side, 0], [0, side], [side, side]], float), invert(matrix))
    end = np.array(pixels.shape[1::-1])
    low = np.clip(np.floor(corners.min(0)) - 2, 0, end - 1).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 3, low + 1, end).astype(int)
    part = pixels[low[1] : high[1], low[0] : high[0]]
    moved = np.column_stack([matrix[:, :2], matrix[:, :2] @ low + matrix[:, 2]])
    return warp(part, moved, side, outside)


def share_outside(matrix: Matrix, side: int, width: int, height: int) -> float:
    """Share of a window that lies beyond the photograph, in [0, 1].

    Args:
        matrix: photograph → window.
        side: of the window, px.
        width: of the photograph, px.
        height: likewise.
    """
    axis = (np.arange(28) + 0.5) * side / 28 - 0.5
    points = transform(np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2), invert(matrix)) + 0.5
    inside = (points >= 0).all(1) & (points[:, 0] <= width) & (points[:, 1] <= height)
    return float(1 - inside.mean())
