"""Gaussian–uniform mixture over the entropies of a batch: who is an ordinary sample, who lies outside (TopoFR)."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from twinlib.errors import InputError


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture of one Gaussian of mean 0 and one uniform density."""

    gamma: Float[np.ndarray, " n"]  # posterior of the Gaussian: an ordinary sample
    pi: float  # its share
    variance: float
    density: float  # of the uniform part


def fit(e: Float[np.ndarray, " n"], steps: int = 1000, tolerance: float = 1e-10) -> Mixture:
    """Mixture fitted to standardised values by expectation–maximisation, as the released code does it.

    Args:
        e: signed entropies of a batch, in any unit; equal values, up to rounding, are left at 0.
        steps: at most this many.
        tolerance: stop when the total likelihood changes by less.

    Notes:
        The Gaussian's share is capped at one half, and in practice ends there. The uniform's width comes from moments
        of the outer samples divided by the *Gaussian's* mass, and from 3C₂ − C₁², where the paper has 3(C₂ − C₁²).
        Both are kept: the numbers are the released code's. `em_step` has the paper's form.
    """
    if not len(e):
        raise InputError("the mixture needs at least one entropy; the batch is empty.")
    spread = float(e.std())
    if spread <= 1e-12 * float(np.abs(e).max()):  # rounding: standardised, it would be all the difference there is
        x = np.zeros_like(e)
    else:
        x = (e - e.mean()) / spread
    pi, variance, c, total = 0.1, float((x * x).mean()), 0.2, -math.inf
    for _ in range(steps):
        floored = variance + 1e-3
        phi = np.exp(-x * x / (2 * floored)) / math.sqrt(2 * math.pi * floored)
        likelihood = pi * phi + (1 - pi) * c
        gamma = pi * phi / likelihood
        N1 = float(gamma.sum())
        variance, pi = float((gamma * x * x).sum()) / N1, min(N1 / len(x), 0.5)
        c = _density(x, (1 - gamma) / (1 - pi + 1e-10), N1)
        before, total = total, float(likelihood.sum())
        if abs(total - before) < tolerance:
            break
    return Mixture(gamma, pi, variance, c)


def _density(x: np.ndarray, r: np.ndarray, N1: float) -> float:
    """1 over the width of the uniform part; 1e-3 where its moments give none (or, our addition, a negative square)."""
    C1, C2 = (r * x).sum() / N1, (r * x * x).sum() / N1
    spread = 3 * C2 - C1**2
    return 1e-3 if spread < 1e-3 else float(1 / (2 * math.sqrt(spread) + 1e-10))


@dataclass(frozen=True)
class Step:
    """What one step of the paper's form gives."""

    h: Float[np.ndarray, " n"]  # posterior of the uniform part: a hard sample
    pi: float
    Sigma: float
    eta1: float
    eta2: float
    Omega: float  # half the width of the uniform part


def em_step(E: Float[np.ndarray, " n"], pi: float, Sigma: float, Omega: float) -> Step:
    """One step of expectation–maximisation in the paper's form.

    Args:
        E: values around 0.
        pi: share of the Gaussian.
        Sigma: its variance.
        Omega: half the width of the uniform part.

    Raises:
        InputError: for a share outside (0, 1), or a variance or width that is not positive.
    """
    if not (0 < pi < 1 and Sigma > 0 and Omega > 0):
        raise InputError(f"em_step needs 0 < pi < 1, Sigma > 0 and Omega > 0; got {pi:g}, {Sigma:g} and {Omega:g}.")
    G = pi * np.exp(-E * E / (2 * Sigma)) / math.sqrt(2 * math.pi * Sigma)
    U = (1 - pi) / (2 * Omega)
    h = U / (G + U)
    pi1 = float((1 - h).mean())
    mass = (1 - h).sum()
    eta1, eta2 = (float((h / (1 - pi1) * E**k).sum() / mass) for k in (1, 2))
    return Step(h, pi1, float(((1 - h) * E * E).sum() / mass), eta1, eta2, math.sqrt(max(3 * (eta2 - eta1**2), 0.0)))
