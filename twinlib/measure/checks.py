"""What an evaluation refuses: every refusal says what was found and how much would be needed."""

import math

import numpy as np
from jaxtyping import Bool, Float

from twinlib.arrays import Column, labels, numbers, one_length
from twinlib.errors import InputError
from twinlib.ranges import Count, within

MIN_FALSE_ACCEPTS = 10  # a rate read from fewer false accepts is not printed in a table
MIN_FAMILIES = 30  # below this the family bootstrap covers too rarely (results/benchmarks/interval_coverage.csv)


def scored(scores: Column, same: Column) -> tuple[Float[np.ndarray, " P"], Bool[np.ndarray, " P"]]:
    """Scores and labels of the same pairs, as plain arrays.

    Raises:
        InputError: no lists of one length, a score that is NaN or infinite, or a label that is not 0 or 1.
    """
    score, label = numbers(scores, "scores"), labels(same, "same")
    one_length(scores=score, same=label)
    return score, label


def genuine_impostor(scores: Column, same: Column) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the genuine and of the impostor pairs, after every check that a metric needs.

    Args:
        scores: the score of each pair, higher = more alike; any list, taken by position.
        same: 1 or True where both images show one person, else 0 or False.

    Returns:
        Two float64 arrays, each of at least one score, in the order of the input.

    Raises:
        InputError: as `scored`, or one class is missing.
    """
    scores, accept = scored(scores, same)
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
    within(Count, minimum=minimum)
    if isinstance(far, bool) or not 0 < far < 1:
        raise InputError(f"FAR must be a fraction between 0 and 1; found {far}. One per cent is 0.01.")
    k = math.floor(far * impostors + 1e-9)  # 0.29 * 100 is 28.999999999999996
    if k < minimum:
        needed = math.ceil(minimum / far - 1e-9)
        raise InputError(
            f"FAR {far:g} of {impostors} impostor pairs is {k} false accepts; at least {minimum} wanted, "
            f"hence {needed} impostor pairs. Use more pairs or a larger FAR."
        )
    return k


def enough_families(families: int) -> None:
    """Refuse a table row that rests on too few families.

    Raises:
        InputError: fewer families than `MIN_FAMILIES`.
    """
    if families < MIN_FAMILIES:
        raise InputError(
            f"the numbers rest on {families} families; a table needs {MIN_FAMILIES}: intervals from fewer are too "
            "narrow. Use a larger data set or print the numbers outside a table, flagged."
        )
