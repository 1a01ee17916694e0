"""What an evaluation refuses: every refusal says what was found and how much would be needed."""

import math
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from twinlib.errors import InputError

MIN_FALSE_ACCEPTS = 10  # a rate read from fewer false accepts is not printed in a table
MIN_FAMILIES = 30  # below this the family bootstrap covers too rarely (results/benchmarks/interval_coverage.csv)
COSINE, DISTANCE, ANY = (-1.0, 1.0), (0.0, 2.0), (-math.inf, math.inf)  # scales that a threshold lies on


def threshold_on(scale: tuple[float, float], value: object, name: str = "threshold") -> float:
    """A threshold that some pair can be on either side of: a finite number on its scale.

    Args:
        scale: `COSINE` for scores of embeddings, `DISTANCE` for 1 − score, `ANY` for scores of an unknown kind.
        value: a number, or an array or tensor that holds just one; text and booleans are none.
        name: of the argument, for the message.

    Raises:
        InputError: NaN, infinite, a boolean, no number, or beyond the scale.
    """
    number = value.item() if getattr(value, "ndim", None) == 0 else value  # type: ignore[attr-defined]
    good = isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)
    if good and scale[0] <= number <= scale[1]:  # type: ignore[operator]
        return float(number)  # type: ignore[arg-type]
    wanted, remedy = {
        COSINE: ("a score (cosine) from -1 to 1", "Take the one that twinlib calibrate finds."),
        DISTANCE: (
            "a distance (1 - score) from 0 to 2",
            "Leave it out to use that of twinlib calibrate, or give e.g. 0.6 for scores of 0.4 and more.",
        ),
    }.get(scale, ("a finite number", "Take one of the scores, or the one that validation pairs give."))
    raise InputError(f"{name} must be {wanted}; found {value!r}. {remedy}")


def genuine_impostor(scores: ArrayLike, same: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the genuine and of the impostor pairs, after every check that a metric needs.

    Args:
        scores: a score a pair, higher = more alike.
        same: 1 or True where both images show one person, else 0 or False.

    Returns:
        Two float64 arrays, each of at least one score, in the order of the input.

    Raises:
        InputError: lengths differ, a score is NaN or infinite, a label is not 0 or 1, or one class is missing.
    """
    scores, same = np.asarray(scores, dtype=np.float64), np.asarray(same)
    if scores.ndim != 1 or scores.shape != same.shape:
        raise InputError(
            f"scores and same must be two lists of one length; found shapes {scores.shape} and {same.shape}."
        )
    if bad := int((~np.isfinite(scores)).sum()):
        first = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise InputError(
            f"{bad} of {scores.size} scores are NaN or infinite (the first at position {first}). "
            "An embedding without a face must be left out or scored on purpose, not passed as NaN."
        )
    if not np.isin(same, (0, 1)).all():
        raise InputError(f"same must hold 0 and 1 only; found {np.unique(same)[:5].tolist()}.")
    accept = same.astype(bool)
    genuine, impostor = scores[accept], scores[~accept]
    for name, part in (("genuine", genuine), ("impostor", impostor)):
        if part.size == 0:
            raise InputError(
                f"there is no {name} pair among {scores.size} pairs. Add pairs with same={int(name == 'genuine')}."
            )
    return genuine, impostor


def false_accepts(impostors: int, far: float, minimum: int = 1) -> int:
    """Number k of impostors that may be accepted, k = floor(FAR n).

    Args:
        impostors: number n of impostor pairs.
        far: false accept rate, a fraction in (0, 1).
        minimum: smallest k that may be reported; tables ask for `MIN_FALSE_ACCEPTS`.

    Raises:
        InputError: FAR is not a fraction, or n is too small; the message says the n needed.
    """
    if not 0 < far < 1:
        raise InputError(f"FAR must be a fraction between 0 and 1; found {far}. One per cent is 0.01.")
    k = math.floor(far * impostors + 1e-9)  # 0.29 * 100 is 28.999999999999996
    if k < minimum:
        needed = math.ceil(minimum / far - 1e-9)
        raise InputError(
            f"FAR {far:g} of {impostors} impostor pairs is {k} false accepts; at least {minimum} wanted, "
            f"hence {needed} impostor pairs. Use more pairs or a larger FAR."
        )
    return k


def enough_families(families: int, minimum: int = MIN_FAMILIES) -> None:
    """Refuse a table row that rests on too few families.

    Raises:
        InputError: fewer families than `minimum`.
    """
    if families < minimum:
        raise InputError(
            f"the numbers rest on {families} families; a table needs {minimum}: intervals from fewer are too narrow. "
            "Use a larger data set or print the numbers outside a table, flagged."
        )
