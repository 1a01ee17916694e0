"""Golden vectors: from the folder named by TWINLIB_GOLDEN, else our own copy."""

import os
from pathlib import Path

import numpy as np


def golden(name):
    folder = Path(os.environ.get("TWINLIB_GOLDEN") or Path(__file__).parent / "golden")
    return dict(np.load(folder / f"{name}.npz", allow_pickle=False))


def relative(got, wanted):
    """Largest difference over the largest magnitude, as the golden README compares."""
    return np.abs(np.asarray(got, np.float64) - wanted).max() / max(np.abs(wanted).max(), 1e-30)
