"""Random streams by name, so that no draw shifts another.

A stream is seeded by (seed, purpose, numbers...): the same family has the same face in any order, on any number of
workers, and its individual factors do not change when a knob does.
"""

from enum import IntEnum

import numpy as np

from twinlib.errors import InputError


class Stream(IntEnum):
    """Purposes; the numbers are part of every data set and never change."""

    PALETTE = 3
    FAMILY = 7
    MEMBER = 11
    ASYMMETRY = 13
    MARKS = 17
    SKIN = 19
    IMAGE = 23
    PLAN = 31


def stream(seed: int, purpose: Stream, *numbers: int) -> np.random.Generator:
    """Independent generator for one purpose.

    Raises:
        InputError: if a number is negative; they may be as large as anybody likes.
    """
    if min(seed, *numbers, 0) < 0:
        raise InputError(f"seed and numbers of a random stream must not be negative; found {(seed, *numbers)}.")
    return np.random.default_rng([seed, int(purpose), *numbers])
