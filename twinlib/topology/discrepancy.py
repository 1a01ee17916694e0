"""How far apart two spaces are in the way their points join into components."""

import numpy as np
from jaxtyping import Float

from twinlib.errors import InputError


def bottleneck(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]) -> float:
    """Bottleneck distance of two H0 diagrams given by their deaths, all births 0.

    Sorted, the k-th longest bar meets the k-th longest, or both are given up at half the longer one's length; with all
    births equal no other matching does better.
    """
    return float(np.minimum(np.abs(a - b), np.maximum(a, b) / 2).max(initial=0.0))


def mean_square(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]) -> float:
    """Sum of squared differences of the sorted deaths over the number of points (one more than deaths)."""
    return float(((a - b) ** 2).sum() / (len(a) + 1))


DISCREPANCIES = {"bottleneck": bottleneck, "mean_square": mean_square}


def structure_discrepancy(
    deaths_x: Float[np.ndarray, " n"], deaths_z: Float[np.ndarray, " m"], kind: str = "mean_square"
) -> float:
    """Discrepancy of the component structure of the same points in two spaces.

    Args:
        deaths_x: deaths in one space, from `h0_pairs`, in any order.
        deaths_z: deaths in the other; scale both to comparable units first.
        kind: mean_square (the value of TopoFR's released alignment loss) or bottleneck (of the two diagrams).

    Returns:
        0 for equal deaths; mean_square in squared units, bottleneck in units of the deaths.

    Raises:
        InputError: for different numbers of deaths or an unknown kind.
    """
    if len(deaths_x) != len(deaths_z):
        raise InputError(
            f"structure_discrepancy compares the same points in two spaces; "
            f"got {len(deaths_x)} and {len(deaths_z)} deaths."
        )
    if kind not in DISCREPANCIES:
        raise InputError(f"discrepancy {kind!r} is unknown; known: {', '.join(DISCREPANCIES)}.")
    return DISCREPANCIES[kind](np.sort(deaths_x), np.sort(deaths_z))
