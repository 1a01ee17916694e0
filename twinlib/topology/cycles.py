"""Persistence diagrams with loops (H1) and voids (H2), computed by ripser."""

import numpy as np
from jaxtyping import Float

from twinlib.errors import InputError
from twinlib.topology.h0 import h0_pairs

LARGEST = {1: 1000, 2: 300}  # points; beyond that ripser takes minutes and gigabytes


def diagrams(D: Float[np.ndarray, "n n"], dim: int = 1) -> list[Float[np.ndarray, "k 2"]]:
    """Persistence diagrams of the Vietoris–Rips filtration in dimensions 0 to dim.

    Args:
        D: symmetric distances.
        dim: highest dimension, 0, 1 or 2.

    Returns:
        Per dimension (birth, death) of each hole, in units of D. Dimension 0 is our own: n − 1 deaths, zero lengths
        kept (ripser drops them), then one component that never dies.

    Raises:
        InputError: for another dim, for more points than ripser can do in reasonable time and memory (1,000 for loops,
            300 for voids), or without the package ripser.
    """
    if dim not in (0, *LARGEST):
        raise InputError(f"persistence is offered in dimensions 0, 1 and 2; got dim {dim}.")
    _, deaths = h0_pairs(D)
    components = np.stack([np.zeros(len(D)), np.append(deaths, np.inf)], axis=1)
    return [components, *(_ripser(D, dim) if dim else [])]


def _ripser(D: np.ndarray, dim: int) -> list[np.ndarray]:
    if len(D) > LARGEST[dim]:
        raise InputError(
            f"persistence in dimension {dim} takes at most {LARGEST[dim]} points; got {len(D)}. Draw a sample of them."
        )
    try:
        from ripser import ripser
    except ImportError as error:
        raise InputError("loops and voids need ripser: pip install 'twinlib[topology]'.") from error
    return [found.astype(np.float64) for found in ripser(D, maxdim=dim, distance_matrix=True)["dgms"][1:]]
