"""The one check of a threshold: for Python, the command line, the service and stored calibrations."""

import math
from numbers import Real

from twinlib.errors import InputError

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
