"""Hard twin pairs and pairs by factor. What ranks them is the truth or a model outside every table, never a row of one.

Ranked by a row of the table itself, that row looks far worse than an equally good one; how much is measured in
results/benchmarks/hardpair_bias.csv.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.arrays import Column, Columns, labels, numbers, one_length, one_row_each
from twinlib.data.manifest import Manifest
from twinlib.data.protocols import PER_FAMILY, candidates, draw
from twinlib.errors import InputError

NUISANCE = ("yaw", "pitch", "roll", "light_azimuth", "light_elevation", "age_gap", "occluded", "blur", "noise")
HARD_SHARE = 0.25  # the hardest quartile
EYE_DISTANCE_CM = 6.3  # between the eye centres of every rendered head
LEFT_EYE, RIGHT_EYE = (33, 133), (263, 362)  # corners, numbers of the 468 landmarks


def hard_twin_pairs(manifest: pd.DataFrame, hardness: Column, seed: int, per_family: int = PER_FAMILY) -> pd.DataFrame:
    """Protocol `hard_twin`: the hardest quartile of the genuine and of the twin pairs of each split.

    Args:
        manifest: as for `protocols.twin_pairs`.
        hardness: a number for each row of `protocols.candidates(manifest, "twin")`, higher = harder within its kind:
            `truth_hardness`, or `outside_hardness` of a model outside every table.
        seed: the draw.
        per_family: most pairs of each kind a family.

    Returns:
        Pair list; a family without a hard pair of one kind is left out.

    Raises:
        InputError: another number of values than of candidates, NaN, or no family left.
    """
    pool = candidates(manifest, "twin")
    values = numbers(hardness, "hardness")
    if len(values) != len(pool):
        raise InputError(f"hardness needs a value for each of {len(pool)} candidate pairs; found {len(values)}.")
    rank = pool.assign(hardness=values).groupby(["split", "same"]).hardness.rank(pct=True, method="first")
    return draw(pool[rank.to_numpy() > 1 - HARD_SHARE], "hard_twin", seed, per_family)


def hard_pairs_of(manifest: Manifest, seed: int, per_family: int = PER_FAMILY) -> pd.DataFrame | None:
    """Protocol `hard_twin` of a rendered set, ranked by its truth; None for photographs, whose truth nobody knows.

    Args:
        manifest: of the set.
        seed: the draw.
        per_family: most pairs of each kind a family.
    """
    if not (file := manifest.root / "truth.npz").is_file():
        return None
    with np.load(file) as stored:
        truth = {name: stored[name] for name in stored.files}
    pool = candidates(manifest.images, "twin")
    return hard_twin_pairs(manifest.images, truth_hardness(manifest.images, truth, pool), seed, per_family)


def truth_hardness(
    manifest: pd.DataFrame, truth: Mapping[str, np.ndarray], pairs: pd.DataFrame
) -> Float[np.ndarray, " P"]:
    """Hardness from the renderer: nuisance distance of genuine pairs, minus the true difference of twin pairs."""
    same = labels(pairs["same"], "pairs.same")
    return np.where(same, nuisance_distance(manifest, pairs), -true_difference(manifest, truth, pairs))


def outside_hardness(pairs: Columns, scores: Column) -> Float[np.ndarray, " P"]:
    """Hardness from a model outside every table: genuine pairs it finds unlike, impostor pairs it finds alike.

    Raises:
        InputError: another number of scores than of pairs, or a score that is not finite.
    """
    same, values = labels(pairs["same"], "pairs.same"), numbers(scores, "scores")
    one_length(pairs=same, scores=values)
    return np.where(same, -values, values)


def nuisance_distance(manifest: pd.DataFrame, pairs: pd.DataFrame) -> Float[np.ndarray, " P"]:
    """How differently two images were taken: distance of their factors, each in standard deviations of the set.

    Raises:
        InputError: the manifest has none of the factors `NUISANCE`.
    """
    names = [name for name in NUISANCE if name in manifest]
    if not names:
        raise InputError(
            f"the manifest has no factor column; known: {', '.join(NUISANCE)}. Rank by an outside model instead."
        )
    factors = np.stack([_factor(manifest, name) for name in names], 1)
    spread = manifest[names].astype(float).std(ddof=0).replace(0.0, 1.0).to_numpy()
    a, b = (factors[rows] for rows in _rows(manifest, pairs))
    return np.sqrt((((a - b) / spread) ** 2).sum(1))


def true_difference(
    manifest: pd.DataFrame, truth: Mapping[str, np.ndarray], pairs: pd.DataFrame
) -> Float[np.ndarray, " P"]:
    """How differently two rendered subjects look in two images, in pixels: RMS of shape, asymmetry and visible marks.

    Args:
        manifest: image and subject.
        truth: arrays of truth.npz: image, subject, landmarks, shape (displacement of the 468 landmarks from the mean
            head with its asymmetry, cm), and the marks (mark_sigma_cm, mark_contrast, seen_image, seen_mark,
            seen_visible).
        pairs: image_a and image_b.

    Raises:
        InputError: an array is missing.
    """
    needed = ("image", "subject", "landmarks", "shape", "mark_sigma_cm", "mark_contrast", "seen_image", "seen_mark")
    if missing := [name for name in (*needed, "seen_visible") if name not in truth]:
        raise InputError(f"truth.npz lacks {', '.join(missing)}. Render the data set again with `twinlib synth`.")
    images = pd.DataFrame({"image": np.asarray(truth["image"]).astype(str)})
    known = pd.Index(np.asarray(truth["subject"]).astype(str))
    number = known.get_indexer(pd.Index(manifest["subject"].astype(str)))
    a, b = (number[rows] for rows in _rows(manifest, pairs))
    if (lost := np.flatnonzero((a < 0) | (b < 0))).size:
        raise InputError(f"truth.npz knows nobody of pair {int(lost[0])}. Render the data set again.")
    scale = _pixels_per_cm(truth["landmarks"])
    keys, which = np.unique(np.stack([a, b], 1), axis=0, return_inverse=True)
    shape = np.array([((truth["shape"][i] - truth["shape"][j]) ** 2).sum(-1).mean() for i, j in keys])[which.ravel()]
    marks = _visible_marks(truth)
    seen = sum(marks[rows] for rows in _rows(images, pairs))
    return scale * np.sqrt(shape + seen / truth["shape"].shape[1])


def factor_of_pairs(manifest: pd.DataFrame, pairs: pd.DataFrame, factor: str) -> Float[np.ndarray, " P"]:
    """The larger absolute value of a factor in each pair; for age_gap the difference of the two ages.

    Args:
        manifest: image and the factor.
        pairs: image_a and image_b.
        factor: yaw, pitch, roll (degrees), occluded (fraction), age_gap (generator years), ….

    Raises:
        InputError: no such column, or a pair whose image the manifest does not know.
    """
    if factor not in manifest:
        raise InputError(f"the manifest has no column {factor!r}. Photographs have no factors; use a rendered set.")
    a, b = (_factor(manifest, factor)[rows] for rows in _rows(manifest, pairs))
    return np.abs(a - b) if factor == "age_gap" else np.maximum(np.abs(a), np.abs(b))


def factor_bins(
    manifest: pd.DataFrame, factor: str, edges: Sequence[float | int], seed: int, per_family: int = PER_FAMILY
) -> dict[str, pd.DataFrame]:
    """Protocol `twin` split by a factor: pairs whose larger absolute value (for age_gap: difference) is in a bin.

    Args:
        manifest: with a column `factor`.
        factor: yaw, pitch, roll (degrees), occluded (fraction), age_gap (generator years), ….
        edges: rising; bin i is edges[i] <= value < edges[i + 1], the last one closed.
        seed: the draw.
        per_family: most pairs of each kind a family and bin.

    Returns:
        "<factor>_<low>_<high>" -> pair list, in rising order; bins without both kinds of pairs are left out.

    Raises:
        InputError: no such column, edges that do not rise, or no bin with pairs.
    """
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise InputError(f"edges must be at least two rising numbers; found {list(edges)}.")
    pool = candidates(manifest, "twin")
    size = factor_of_pairs(manifest, pool, factor)
    size = np.where(size == edges[-1], np.nextafter(edges[-1], edges[0]), size)
    lists = {}
    for low, high in pairwise(edges):
        inside = pool[(size >= low) & (size < high)]
        kinds = inside.groupby("family_a").same.nunique()
        if (kinds == 2).any():
            name = f"{factor}_{low:g}_{high:g}"
            lists[name] = draw(inside, name, seed, per_family)
    if not lists:
        raise InputError(
            f"no bin of {factor} {list(edges)} holds genuine and twin pairs of one family. Use wider bins."
        )
    return lists


def _rows(manifest, pairs):
    """Rows of a table of images, of the first and of the second image of each pair."""
    known = pd.Index(one_row_each(manifest["image"].astype(str), "manifest.image"))
    found = [known.get_indexer(pairs[side].astype(str)) for side in ("image_a", "image_b")]
    for side, rows in zip(("image_a", "image_b"), found, strict=True):
        if (rows < 0).any():
            name = pairs[side].to_numpy()[int(np.argmax(rows < 0))]
            raise InputError(f"pairs.{side}: {name!r} is no image of the data set. Draw the pairs from it.")
    return found


def _factor(manifest, name):
    """A factor of every image; NaN where it is not known."""
    return manifest[name].to_numpy(dtype=float, na_value=np.nan)


def _pixels_per_cm(landmarks):
    """Scale of the set: the eye distance of its more frontal images."""
    left, right = (landmarks[:, list(eye)].mean(1) for eye in (LEFT_EYE, RIGHT_EYE))
    return float(np.quantile(np.linalg.norm(left - right, axis=1), 0.75)) / EYE_DISTANCE_CM


def _visible_marks(truth):
    """Sum over the visible marks of an image of (diameter in cm x contrast)². Marks are nobody else's."""
    size = (2 * truth["mark_sigma_cm"] * truth["mark_contrast"])[truth["seen_mark"]] ** 2
    total = np.bincount(truth["seen_image"], size * (truth["seen_visible"] > 0), minlength=len(truth["image"]))
    return total
