"""`calibration.json`: the threshold of a network, and what it rests on."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twinlib import files, paths
from twinlib.errors import InputError
from twinlib.faces.detect.weights import SFACE
from twinlib.ranges import COSINE, threshold_on

if TYPE_CHECKING:
    from twinlib.arrays import Column, Columns

FILE = "calibration.json"
SHIPPED = "sface_2021dec_int8bq.json"  # beside the network that ships
GRID = np.round(np.arange(-0.5, 1.001, 0.02), 2)  # scores for which both error rates are kept


@dataclass(frozen=True)
class Calibrated:
    """A threshold on the score (cosine, higher = more alike), with what it rests on.

    Features are always straight plus mirrored, as those of `TwinVerifier`; alignment varies, and is kept here.

    Attributes:
        threshold: lowest score that is accepted; 1 − threshold is the largest distance.
        target_fmr: false match rate asked for.
        fmr: rate to expect on new pairs like these.
        fmr_interval: its 95 % interval, for independent pairs.
        fnmr: false non-match rate of the pairs used.
        impostors: pairs the threshold was chosen on.
        kind: of these impostors: all, stranger, twin or sibling.
        fmr_by_kind: share of the impostor pairs of each kind that the threshold accepts.
        weights_sha256: of the network it belongs to.
        align: how its images became crops, landmarks or none; other crops have other scores.
        source: the pairs it was chosen on, in words; empty if unknown.
        scale: both error rates along the scores: lists of equal length `score`, `fmr` and `fnmr`; None in files of
            earlier versions.

    Raises:
        InputError: a threshold that no cosine has.
    """

    threshold: float
    target_fmr: float
    fmr: float
    fmr_interval: tuple[float, float]
    fnmr: float
    impostors: int
    kind: str
    fmr_by_kind: dict[str, float]
    weights_sha256: str
    align: str
    source: str = ""
    scale: dict[str, list[float]] | None = None

    def __post_init__(self) -> None:
        threshold_on(COSINE, self.threshold, f"threshold of {FILE}")

    @property
    def distance(self) -> float:
        """The threshold as a distance, 1 − score: the largest that is accepted."""
        return 1 - self.threshold


def choose(
    scores: "Column",
    pairs: "Columns",
    target_fmr: float,
    kind: str,
    weights: str,
    align: str,
    source: str = "",
) -> Calibrated:
    """Choose a threshold on scored pairs.

    Args:
        scores: the score of each pair, in the order of `pairs`.
        pairs: same and kind; the index is ignored.
        target_fmr: false match rate wanted, a fraction.
        kind: impostors that must keep it: all, stranger, twin or sibling.
        weights: hash of the network's file.
        align: how the images of these pairs became crops.
        source: the pairs in words.

    Raises:
        InputError: no impostor of this kind, or too few; the message says how many are needed. Or so many impostor
            pairs of score 1 that no threshold keeps the rate.
    """
    from twinlib.arrays import groups, labels, numbers, one_length, table_of
    from twinlib.measure.exact import calibrate, exact_rate

    table = table_of(pairs, ("same", "kind"), "pairs")
    values, same = numbers(scores, "scores"), labels(table["same"], "pairs.same")
    kinds = groups(table["kind"], "pairs.kind")
    one_length(scores=values, pairs=same)
    if kind != "all" and not (kinds == kind).any():
        raise InputError(f"there is no {kind} pair among the {len(pairs)}. Use --kind all or other pairs.")
    used = same | (kinds == kind) if kind != "all" else np.ones(len(same), bool)
    found = calibrate(values[used], same[used], target_fmr)
    if found.threshold > COSINE[1]:
        raise InputError(
            f"more than {found.k} impostor pairs have a score of 1, so that no threshold keeps a false match rate of "
            f"{target_fmr:g}. They show one image under two names: correct the pairs."
        )
    impostors = sorted(set(kinds[~same]))
    rates = {name: exact_rate(*_accepted(values[(kinds == name) & ~same], found.threshold)).value for name in impostors}
    interval = (found.fmr.low, found.fmr.high)
    chosen = (found.threshold, target_fmr, found.fmr.value, interval, found.fnmr.value, found.impostors)
    scale = scale_of(values[used], same[used].astype(int))
    return Calibrated(*chosen, kind, rates, weights, align, source, scale)


def scale_of(scores: np.ndarray, same: np.ndarray) -> dict[str, list[float]]:
    """Both error rates at the scores of `GRID`: shares of impostor pairs that reach one, of genuine pairs that do not.

    Args:
        scores: of the pairs.
        same: 1 for a genuine pair.
    """
    rates = {}
    for name, kind, side in (("fmr", 0, "left"), ("fnmr", 1, "left")):
        ordered = np.sort(scores[same == kind])
        below = np.searchsorted(ordered, GRID, side) / len(ordered)
        rates[name] = [float(f"{rate:.4g}") for rate in (1 - below if kind == 0 else below)]
    return {"score": GRID.tolist(), **rates}


def shipped() -> Calibrated:
    """The calibration of the pair of networks that ships.

    Raises:
        InputError: the file is missing, damaged, or of another network.
    """
    return _read(paths.package_dir() / "weights" / SHIPPED, SFACE.sha256, "Install twinlib again.")


def write(folder: Path, calibrated: Calibrated) -> None:
    """Write `calibration.json` beside the weights."""
    files.write_json(folder / FILE, asdict(calibrated))


def read(folder: Path, weights: str) -> Calibrated | None:
    """Read `calibration.json`; None if there is none.

    Args:
        folder: of the network.
        weights: hash of its weights.

    Raises:
        InputError: another form, a threshold that is no score, or chosen for other weights.
    """
    file = folder / FILE
    return _read(file, weights, "Make it again: twinlib calibrate.") if file.is_file() else None


def _read(file: Path, weights: str, remedy: str) -> Calibrated:
    value = files.read_json(file)
    try:
        found = Calibrated(**value | {"fmr_interval": tuple(value["fmr_interval"])})
    except (TypeError, KeyError) as error:
        raise InputError(f"{file} is no calibration ({error}). {remedy}") from error
    if found.weights_sha256 != weights:
        raise InputError(f"{file} was chosen for other weights. {remedy}")
    return found


def refuse_other_crops(known: Calibrated, align: str) -> None:
    """Refuse a threshold if images are aligned in another way than those it was chosen on.

    Args:
        known: the calibration.
        align: how images become crops now.

    Raises:
        InputError: the two differ.
    """
    if known.align != align:
        raise InputError(
            f"the threshold of {FILE} was chosen with --align {known.align}, not {align}. Use --align {known.align}, "
            f"or make it again: twinlib calibrate --align {align}."
        )


def _accepted(scores: np.ndarray, threshold: float) -> tuple[int, int]:
    return int((scores >= threshold).sum()), scores.size
