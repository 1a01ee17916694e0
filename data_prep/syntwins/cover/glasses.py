"""Glasses and sunglasses: a frame with thickness, temples, lenses that reflect."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float

from syntwins.cover.canvas import SAMPLES, Canvas, Layer, bump, colours, lay, runs, smooth_noise, spline
from syntwins.cover.view import View
from syntwins.exact import enlarge, shift
from syntwins.mesh import regions as at

LENS_GRID = 12, 16  # points at which a lens's visibility is asked
LENS_MAP = 40, 48  # rows and columns of a lens laid flat
FRAMES = {  # share of all glasses, display RGB, colour of the spots, shine, range of the thickness (cm)
    "black": (0.35, (0.07, 0.07, 0.08), (0.07, 0.07, 0.08), 0.35, (0.2, 0.42)),
    "brown": (0.15, (0.26, 0.16, 0.1), (0.3, 0.19, 0.12), 0.3, (0.2, 0.4)),
    "metal": (0.25, (0.5, 0.49, 0.47), (0.5, 0.49, 0.47), 0.5, (0.1, 0.15)),
    "gold": (0.08, (0.55, 0.43, 0.25), (0.55, 0.43, 0.25), 0.5, (0.1, 0.15)),
    "tortoise": (0.17, (0.2, 0.1, 0.05), (0.58, 0.34, 0.13), 0.3, (0.24, 0.42)),
}


@dataclass(frozen=True, eq=False)
class _Style:
    """Shape (cm) and material of a pair of glasses."""

    half: tuple[float, float]  # of a lens, across and down
    power: float  # 2 = oval lenses, 4 = nearly square
    drop: float  # lens centre below the eye
    thick: float  # of the frame
    deep: float  # of the frame, front to back
    rgb: np.ndarray  # display
    spots: np.ndarray  # display colour of tortoise spots, or `rgb`
    shine: float


def _style(rng: np.random.Generator) -> _Style:
    """Draw a pair of glasses."""
    kinds = list(FRAMES.values())
    _, rgb, spots, shine, thick = kinds[rng.choice(len(kinds), p=[entry[0] for entry in kinds])]
    bright = rng.uniform(0.8, 1.2)
    wide = rng.uniform(2.1, 2.35)
    return _Style(
        half=(wide, wide * rng.uniform(0.66, 0.8)),
        power=rng.uniform(2.1, 3.6),
        drop=rng.uniform(0.15, 0.45),
        thick=rng.uniform(*thick),
        deep=0.12 if thick[0] < 0.2 else 0.35,
        rgb=bright * np.array(rgb),
        spots=bright * np.array(spots),
        shine=shine,
    )


class _Glasses:
    """Curves of a pair of glasses, made in the head's frame (cm) and seen in the image (px).

    Attributes:
        centres: x and y of the lenses, cm.
        outline: of a lens, x and y up to 1: a superellipse, a little narrower below.
        seen: pixels and visibility of each curve, by its name.
    """

    def __init__(self, style: _Style, view: View) -> None:
        self.style, self.face = style, view.face
        self.front = self.face[[6, 168, 55, 285], 2].max() + 0.25
        # A frame is even whatever the eyes behind it are: lenses hide asymmetry and must not tell of it.
        corners = self.face[at.EYE_CORNERS_R + at.EYE_CORNERS_L]
        apart, height = np.abs(corners[:, 0]).mean(), corners[:, 1].mean() - style.drop
        self.centres = [(-1.03 * apart, height), (1.03 * apart, height)]
        across, down = np.sign(_circle()) * np.abs(_circle()) ** (2 / style.power)
        self.outline = across * (0.94 + 0.06 * down), down
        curves = {("bridge", back): self._bridge(back) for back in (0.0, style.deep)}
        for eye in (0, 1):
            curves |= {("rim", eye, back): self._rim(eye, style.thick, back) for back in self.backs}
            curves |= {("hole", eye, back): self._rim(eye, 0.0, back) for back in self.backs}
            curves |= {("glass", eye): self._rim(eye, 0.03), ("grid", eye): self._grid(eye)}
            curves["upper", eye], curves["lower", eye] = self._temple(eye)
        pixels, visible = view.see(np.concatenate(list(curves.values())))
        ends = np.cumsum([len(points) for points in curves.values()])[:-1]
        both = zip(np.split(pixels, ends), np.split(visible, ends), strict=True)
        self.seen = dict(zip(curves, both, strict=True))

    @property
    def backs(self) -> tuple[float, ...]:
        """Depths at which the frame is drawn, cm behind its front, back first; the last one is its front."""
        deep = self.style.deep
        return (deep, deep / 2, 0.0) if deep > 0.2 else (deep, 0.0)

    def _on_front(self, x: np.ndarray, y: np.ndarray, back: float = 0.0) -> Float[np.ndarray, "*N 3"]:
        """Points of the frame's front, which bends around the face; `back` cm behind it."""
        return np.array([x, y, self.front - back - 0.03 * x * x]).T

    def _rim(self, eye: int, wider: float, back: float = 0.0) -> Float[np.ndarray, "N 3"]:
        """Closed curve around a lens, `wider` cm outside it."""
        (cx, cy), (a, b) = self.centres[eye], self.style.half
        across, down = self.outline
        return self._on_front(cx + (a + wider) * across, cy + (b + wider) * down, back)

    def _grid(self, eye: int) -> Float[np.ndarray, "N 3"]:
        """Points over a lens and its rim, row by row from its top left corner."""
        (cx, cy), (a, b), thick = self.centres[eye], self.style.half, self.style.thick
        down, across = _square()
        return self._on_front(cx + (a + thick) * across, cy - (b + thick) * down)

    def _bridge(self, back: float) -> Float[np.ndarray, "N 3"]:
        """Closed outline of the piece over the nose."""
        (right, y), (left, _) = self.centres
        a, b = self.style.half
        x = np.linspace(right + a - 0.1, left - a + 0.1, 9)
        arch = np.sin(np.linspace(0, np.pi, 9))
        high, tall = y + 0.35 * b + 0.22 * arch, 0.5 * self.style.thick + 0.05
        outline = self._on_front(np.append(x, x[::-1]), np.append(high + tall, (high - tall)[::-1]), back)
        outline[:, 2] += 0.25 * np.append(arch, arch)
        return outline

    def _temple(self, eye: int) -> tuple[Float[np.ndarray, "N 3"], Float[np.ndarray, "N 3"]]:
        """Upper and lower edge of a temple, from the hinge along the head to behind the ear."""
        side = 2 * eye - 1
        (cx, cy), (a, b) = self.centres[eye], self.style.half
        hinge = self._on_front(np.array(cx + side * (a + 0.4 * self.style.thick)), np.array(cy + 0.5 * b))
        width = np.abs(self.face[[127, 356], 0]).mean()
        knots = np.stack([hinge, [side * (width - 0.25), 0.45, -3.4], [side * (width + 0.15), 0.5, -6.2],
                          [side * (width + 0.05), -0.2, -8.8]])  # fmt: skip
        middle = _temple_spline() @ knots
        tall = np.array([0, 0.5 * self.style.thick + 0.04, 0]) * np.linspace(1.15, 0.85, len(middle))[:, None]
        return middle + tall, middle - tall


@lru_cache(1)
def _circle() -> Float[np.ndarray, "2 N"]:
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return np.array([np.cos(turn), np.sin(turn)])


@lru_cache(1)
def _square() -> tuple[np.ndarray, np.ndarray]:
    rows, columns = (np.linspace(-1, 1, count) for count in LENS_GRID)
    down, across = np.meshgrid(rows, columns, indexing="ij")
    return down.ravel(), across.ravel()


@lru_cache(1)
def _temple_spline() -> Float[np.ndarray, "N 4"]:
    return spline(4, 40)


def glasses(view: View, rng: np.random.Generator, dark: bool) -> Layer:
    """Temples, the frame's thickness, lenses and the frame's front, from back to front."""
    style = _style(rng)
    pair = _Glasses(style, view)
    rims = [pair.seen["rim", eye, 0.0][0] for eye in (0, 1)]
    canvas = Canvas(np.concatenate(rims + [pixels[visible] for pixels, visible in pair.seen.values()]), view.size)
    maps = _lens_maps(pair, canvas, rng)
    bright = 0.6 + 0.4 * float(view.lit(np.array([[0, 0, 1.0]]))[0])
    layer = np.zeros((*canvas.shape, 4), np.float32)
    temples = np.maximum(_temple(canvas, pair, 0), _temple(canvas, pair, 1))
    lay(layer, temples, colours(0.8 * bright * style.rgb), temples, temples)
    for back in pair.backs[:-1]:
        side = _frame(canvas, pair, maps, back)
        lay(layer, side, colours(0.55 * bright * style.rgb), side, side)
    tint, strong = rng.uniform(0.02, 0.1) + rng.uniform(0, 0.05, 3), rng.uniform(0.05, 0.35)
    for eye in (0, 1):
        visible, band, sky, _ = maps[eye]
        glass = canvas.fill([pair.seen["glass", eye][0]]) * visible
        if dark:
            paints = colours(tint, [0.14, 0.16, 0.18], 0.6 * strong * np.array([0.8, 0.9, 1]))
            lay(layer, glass * (0.8 + 0.17 * sky), paints * bright, sky * sky, band)
        else:
            lay(layer, glass * (0.04 + 0.3 * strong * band), colours([0.8, 0.84, 0.88]) * bright, band, band)
    front = _frame(canvas, pair, maps, 0.0)
    relief = _relief(front, 0.07 * view.unit * SAMPLES * view.to_light)
    paints = colours(style.rgb, style.spots - style.rgb, style.shine + 0.4 * style.rgb)
    lay(layer, front, paints * bright, np.maximum(maps[0][3], maps[1][3]), relief)
    return canvas.shrink(layer)


def _lens_maps(pair: _Glasses, canvas: Canvas, rng: np.random.Generator) -> list[tuple[np.ndarray, ...]]:
    """For each lens, per sample: visibility, reflection, sky (1 at the top) and tortoise spots, each in [0, 1]."""
    rows, columns = LENS_MAP
    v, u = np.linspace(0, 1, rows, dtype=np.float32)[:, None], np.linspace(0, 1, columns, dtype=np.float32)
    middle, slope, wide = (np.float32(rng.uniform(*ends)) for ends in ((0.55, 0.85), (0.5, 0.9), (0.1, 0.16)))
    off = (u + slope * v - middle) / wide
    band = np.minimum(1, bump(0.7 * off) + 0.6 * bump((off - 2.2) / 0.4))  # a broad window and a narrow one
    spots = np.clip(0.5 + 0.9 * smooth_noise(rng, (7, 8), LENS_MAP), 0, 1)
    flat = np.dstack([band, band, np.broadcast_to(1 - v, LENS_MAP), spots])
    source = np.array([[0, 0], [columns - 1, 0], [columns - 1, rows - 1], [0, rows - 1]], np.float32)
    corners = [0, LENS_GRID[1] - 1, LENS_GRID[0] * LENS_GRID[1] - 1, (LENS_GRID[0] - 1) * LENS_GRID[1]]
    maps = []
    for eye in (0, 1):
        pixels, visible = pair.seen["grid", eye]
        smooth = enlarge(visible.reshape(LENS_GRID).astype(float), LENS_MAP)
        flat[..., 0] = np.clip(3 * smooth - 1, 0, 1)
        warp = cv2.getPerspectiveTransform(source, (canvas.place(pixels[corners]) - 0.5).astype(np.float32))
        # The bend of the front shifts the rim by a sample or two from this plane: the map goes on beyond its edge.
        seen = cv2.warpPerspective(flat.astype(float), warp, canvas.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        maps.append(cv2.split(seen.astype(np.float32)))
    return maps


def _frame(canvas: Canvas, pair: _Glasses, maps: list[tuple[np.ndarray, ...]], back: float) -> np.ndarray:
    """Both rims and the bridge, `back` cm behind the front."""
    cover = np.zeros(canvas.shape, np.float32)
    for eye in (0, 1):
        ring = canvas.fill([pair.seen[name, eye, back][0] for name in ("rim", "hole")])
        np.maximum(cover, ring * maps[eye][0], out=cover)
    pixels, visible = pair.seen.get(("bridge", back), (None, np.zeros(0)))
    return np.maximum(cover, canvas.fill([pixels[visible]])) if visible.sum() > 2 else cover


def _temple(canvas: Canvas, pair: _Glasses, eye: int) -> np.ndarray:
    """Visible part of a temple; at least a line where it is seen from above or in front."""
    (upper, seen_above), (lower, seen_below) = pair.seen["upper", eye], pair.seen["lower", eye]
    visible = seen_above & seen_below
    pieces = runs(visible)
    if not pieces:
        return np.zeros(canvas.shape, np.float32)
    area = canvas.fill([np.concatenate([upper[run], lower[run][::-1]]) for run in pieces])
    return np.maximum(area, canvas.stroke((upper + lower) / 2, visible, 0.5))


def _relief(cover: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Edges of a raised shape: 1 where it ends towards `step` (samples), -1 where it ends on the other side."""
    return cover * (shift(cover, *step) - shift(cover, *-step))
