"""What can be measured on one photograph without looking for a face, and which photographs show the same."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, UInt8
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twinlib.data.text.filenames import printable
from twinlib.errors import InputError
from twinlib.faces.images import RGB
from twinlib.faces.photograph import read_photograph
from twinlib.faces.photos import PhotoReader
from twinlib.parts.resumed import Columns, Row, stacked

SHORT = 256  # px: a larger picture is averaged down to this shorter side before its sharpness is measured. Our choice.
DARK, BRIGHT = 16, 239  # grey values below and above which nothing can be told apart. Our choice.
PRINT = (17, 16)  # columns and rows of the small picture whose differences are the fingerprint: 16 × 16 bits

Grey = UInt8[np.ndarray, "H W"]


class FactStep:
    """From one photograph to its facts, in a `with` block; a bad file gives a row with its reason.

    Args:
        source: data set, folder or zip the photographs are in.
        follow_links: read what links lead to outside it.
    """

    def __init__(self, source: Path, follow_links: bool = False):
        self._reader = PhotoReader(source, follow_links)

    def __enter__(self) -> "FactStep":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)

    def rows(self, items: Sequence[str]) -> Columns:
        """Facts of photographs, by their paths."""
        return stacked([self.row(path) for path in items])

    def row(self, path: str) -> Row:
        """Facts of one photograph."""
        try:
            stored = self._reader.raw(path)
            image, odd = read_photograph(stored, printable(path))
        except InputError as error:
            return _row(np.zeros((1, 1, 3), np.uint8)) | {"readable": np.bool_(False), "reason": np.str_(error)}
        known = {"bytes": np.int64(len(stored)), "sha256": np.str_(hashlib.sha256(stored).hexdigest())}
        return _row(image) | known | {"odd": np.str_(odd)}


def _row(image: RGB) -> Row:
    """Everything that is stored of one photograph."""
    grey = Image.fromarray(image).convert("L")
    small = np.asarray(_shrunk(grey))
    return {
        "readable": np.bool_(True),
        "reason": np.str_(""),
        "odd": np.str_(""),
        "bytes": np.int64(0),
        "sha256": np.str_(""),
        "width": np.int64(grey.width),
        "height": np.int64(grey.height),
        "sharpness": np.float64(sharpness(small)),
        "brightness": np.float64(small.mean()),
        "contrast": np.float64(small.std()),
        "dark_share": np.float64((small < DARK).mean()),
        "bright_share": np.float64((small > BRIGHT).mean()),
        "fingerprint": fingerprint(grey),
    }


def sharpness(grey: Grey) -> float:
    r"""Variance of the Laplacian: small where nothing has an edge.

    .. math:: \operatorname{var}(g_{y-1,x} + g_{y+1,x} + g_{y,x-1} + g_{y,x+1} - 4 g_{y,x})

    Args:
        grey: grey values 0 … 255; 0 comes back for fewer than 3 × 3 pixels.
    """
    if min(grey.shape) < 3:
        return 0.0
    g = grey.astype(np.float32)
    return float((g[:-2, 1:-1] + g[2:, 1:-1] + g[1:-1, :-2] + g[1:-1, 2:] - 4 * g[1:-1, 1:-1]).var())


def fingerprint(image: Image.Image) -> UInt8[np.ndarray, "32"]:
    """256 bits that survive resizing, recompression and a change of brightness: is each cell brighter than the last?

    The picture is averaged to 16 rows of 17 cells; a bit is the sign of the difference of neighbours (dHash).

    Args:
        image: a picture in mode L.
    """
    cells = np.asarray(image.resize(PRINT, Image.Resampling.BOX), np.int16)
    return np.packbits(cells[:, 1:] > cells[:, :-1])


def verdicts(facts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Which readable photographs are small, blurred, dark, bright or flat, by the limits of `LIMITS`."""
    ok = facts["readable"]
    return {
        "small": ok & (np.minimum(facts["width"], facts["height"]) < LIMITS["side_px"]),
        "blurred": ok & (facts["sharpness"] < LIMITS["sharpness"]),
        "dark": ok & ((facts["brightness"] < LIMITS["darkest"]) | (facts["dark_share"] > LIMITS["share"])),
        "bright": ok & ((facts["brightness"] > LIMITS["brightest"]) | (facts["bright_share"] > LIMITS["share"])),
        "flat": ok & (facts["contrast"] < LIMITS["contrast"]),
    }


# Our choice, to find what a person should look at; nothing is left out by them.
LIMITS: dict[str, float] = {
    "side_px": 112.0,
    "sharpness": 20.0,
    "darkest": 40.0,
    "brightest": 215.0,
    "share": 0.5,
    "contrast": 12.0,
}


def limits_said() -> dict[str, str]:
    """The limits in words."""
    side, sharp, dark, bright, share, contrast = LIMITS.values()
    return {
        "small": f"a side shorter than {side:g} px",
        "blurred": f"variance of the Laplacian below {sharp:g} at {SHORT} px",
        "dark": f"mean grey below {dark:g}, or more than {share:.0%} of the pixels below {DARK}",
        "bright": f"mean grey above {bright:g}, or more than {share:.0%} of the pixels above {BRIGHT}",
        "flat": f"standard deviation of grey below {contrast:g}",
    }


def _shrunk(grey: Image.Image) -> Image.Image:
    """At most `SHORT` px on the shorter side."""
    factor = SHORT / min(grey.size)
    if factor >= 1:
        return grey
    width, height = (max(round(side * factor), 1) for side in grey.size)
    # A strip keeps at most 8 times the length: memory stays bounded whatever the shape.
    return grey.resize((min(width, 8 * SHORT), min(height, 8 * SHORT)), Image.Resampling.BOX)


Sharp = Float[np.ndarray, " N"]


def crop_sharpness(crops: UInt8[np.ndarray, "N S S 3"]) -> Sharp:
    """Sharpness of aligned crops, one in memory at a time.

    Args:
        crops: RGB.
    """
    return np.array([sharpness(np.asarray(Image.fromarray(crop).convert("L"))) for crop in crops])


# Bits of 256 that may differ. Our choice, from results/benchmarks/near_duplicates.csv: on aligned crops of 112 px, JPEG
# 75 changes at most 15, half the size 23 (99 % of them 20), JPEG 30 27, both 44. Of 14.4 million pairs of LFW's crops
# two are within 20, each one photograph twice; the closest different photographs are 27 apart.
NEAR = 20
BLOCK = 1024  # fingerprints compared at a time: 1,024 × 24,050 float32 are 98 MB

Prints = UInt8[np.ndarray, "N 32"]


def exact_groups(sha256: Bool[np.ndarray, " N"] | np.ndarray, readable: Bool[np.ndarray, " N"]) -> list[np.ndarray]:
    """Rows of readable files with the same bytes, groups of two or more."""
    rows = pd.Series(np.flatnonzero(readable), dtype=np.int64)
    groups = rows.groupby(np.asarray(sha256)[rows], sort=False)
    return [group.to_numpy() for _, group in groups if len(group) > 1]


def near_groups(prints: Prints, readable: Bool[np.ndarray, " N"]) -> list[np.ndarray]:
    """Rows of pictures that differ in at most `NEAR` bits of their fingerprints, also by way of others.

    Pictures without any structure (a uniform surface) are left out: all of them are alike.

    Args:
        prints: fingerprints, see `facts.fingerprint`.
        readable: rows to look at.

    Returns:
        Groups of two or more, exact duplicates included, in order of their first row.
    """
    rows = np.flatnonzero(readable & _structured(prints))
    if not len(rows):
        return []
    different, member = np.unique(prints[rows], axis=0, return_inverse=True)
    linked = _close(different, NEAR)
    graph = coo_array((np.ones(len(linked[0]), bool), linked), shape=(len(different),) * 2)
    labels = connected_components(graph, directed=False)[1][member.ravel()]
    groups = pd.Series(rows).groupby(labels, sort=False)
    return [group.to_numpy() for _, group in groups if len(group) > 1]


def _structured(prints: Prints) -> Bool[np.ndarray, " N"]:
    """Whether at least an eighth of the bits is set and an eighth is not."""
    ones = np.unpackbits(prints, axis=1).sum(1)
    return (ones >= 32) & (ones <= 224)


def _close(prints: Prints, bits: int) -> tuple[Int[np.ndarray, " E"], Int[np.ndarray, " E"]]:
    """Pairs i < j within `bits` bits: with signs s in {-1, 1}, the distance is (256 - s·s') / 2."""
    signs = np.unpackbits(prints, axis=1).astype(np.float32) * 2 - 1
    found = []
    for start in range(0, len(signs), BLOCK):
        block = signs[start : start + BLOCK] @ signs[start:].T
        i, j = np.nonzero(block >= 256 - 2 * bits)
        found.append(np.stack([i, j])[:, j > i] + start)
    i, j = np.concatenate(found, axis=1)
    return i, j


def conflicts(groups: list[np.ndarray], table: pd.DataFrame, column: str) -> list[np.ndarray]:
    """Groups that stand under more than one value of a column, e.g. one picture under two names or in two splits.

    Args:
        groups: rows, as found above.
        table: the inventory.
        column: subject, family or split; empty cells count as nothing.
    """
    values = table[column].to_numpy()
    return [group for group in groups if len({value for value in values[group] if value}) > 1]
