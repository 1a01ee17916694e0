"""A value with its interval, or with the reason why there is none; names of metrics as texts."""

import hashlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from twinlib.errors import InputError
from twinlib.files import replacing

ONE_FAMILY = "there is one family only, hence nothing to draw"
NO_DRAWS = "no draws were requested"
TOO_FEW = "a tenth of the draws of so few families hold no pair of one class"
ALIKE = "every draw gives the same value, which says nothing of the spread"
NOT_KEPT = "the record holds none"  # records from before reasons, or read back from a table


@dataclass(frozen=True)
class Interval:
    """A value with its bootstrap interval.

    Attributes:
        value: the metric on all pairs (a mean over seeds where there are several).
        low: lower end; NaN where there can be no interval.
        high: upper end; likewise.
        families: number of families drawn from.
        seeds: number of training seeds drawn from.
        draws: number of bootstrap draws that count.
        level: nominal coverage, a fraction.
        reason: why there is no interval; empty where there is one.
        samples: the value of each draw that counts, for other levels (`multiple`); None where there is no interval, or
            it was not drawn here.
        freedom: degrees of freedom of families and seeds together; NaN likewise.
    """

    value: float
    low: float
    high: float
    families: int
    seeds: int = 1
    draws: int = 2000
    level: float = 0.95
    reason: str = ""
    samples: Float[np.ndarray, " D"] | None = field(default=None, repr=False, compare=False)
    freedom: float = field(default=math.nan, repr=False, compare=False)

    @property
    def excludes_zero(self) -> bool:
        """True if the whole interval lies on one side of 0."""
        return self.low > 0 or self.high < 0

    def __format__(self, spec: str) -> str:
        """Value and ends as prose prints them: f"{interval:.3f}" is "0.712 [0.690, 0.733]"."""
        return f"{self.value:{spec}} [{ends(self.low, self.high, spec)}]"

    @property
    def missing(self) -> str:
        """Why there is no interval; empty where there is one."""
        return (self.reason or NOT_KEPT) if math.isnan(self.low) or math.isnan(self.high) else ""


def ends(low: float, high: float, spec: str) -> str:
    """Both ends as text, or that there are none."""
    return "no interval" if math.isnan(low) or math.isnan(high) else f"{low:{spec}}, {high:{spec}}"


PLAIN = ("auc", "eer", "balanced_accuracy")
KNOWN = (*PLAIN, "tar@far=0.01 (or another fraction)")


class Metric(NamedTuple):
    """A metric by name.

    Attributes:
        kind: auc, eer, balanced_accuracy or tar.
        far: false accept rate of tar, a fraction in (0, 1); None for the others.
    """

    kind: str
    far: float | None = None

    def __str__(self) -> str:
        return self.kind if self.far is None else f"{self.kind}@far={self.far:g}"


def metric_of(name: str) -> Metric:
    """The metric that a text names; `str()` of it is the one way to write it, as records do.

    Raises:
        InputError: any other text; the message says what is wrong and lists the names.
    """
    text = name if isinstance(name, str) else ""
    kind, at, rate = text.partition("@far=")
    if kind in PLAIN and not at:
        return Metric(kind)
    if kind == "tar" and at:
        try:
            far = float(rate)
        except ValueError:
            far = 0.0
        if 0 < far < 1:
            return Metric(kind, far)
        why = f"{rate!r} is no fraction between 0 and 1 (one per cent is 0.01)" if rate else "it lacks the rate"
    elif kind in PLAIN:
        why = f"{kind} takes no FAR"
    else:
        why = "tar needs its FAR" if text == "tar" else "it is unknown"
    raise InputError(f"metric {name!r}: {why}. Known metrics: {', '.join(KNOWN)}.")


def kept(make: Callable[..., np.ndarray], *asked: object) -> np.ndarray:
    """`make(*asked)`, read from the folder that TWINLIB_INTERVALS names where any process has asked the same before.

    Args:
        make: gives an array that depends on its arguments alone; a function of `bootstrap`.
        asked: plain values, and objects that hold plain values and arrays.
    """
    folder = os.environ.get("TWINLIB_INTERVALS")
    if not folder:
        return make(*asked)
    digest = hashlib.sha256(_source())
    for part in asked:
        for value in vars(part).values() if is_dataclass(part) else (part,):
            array = isinstance(value, np.ndarray)
            digest.update(repr((value.dtype, value.shape) if array else value).encode())
            digest.update(np.ascontiguousarray(value).data if array else b"")
    file = Path(folder) / f"{digest.hexdigest()}.npy"
    try:
        return np.load(file)
    except (FileNotFoundError, ValueError, EOFError):  # not there, or not whole
        values = make(*asked)
    with replacing(file) as temporary:
        np.save(temporary, values)
    return values


@lru_cache(maxsize=1)
def _source() -> bytes:
    """What draws depend on beside scores and settings: the code, and numpy."""
    code = [Path(__file__).with_name(name).read_bytes() for name in ("bootstrap.py", "weighted.py")]
    return b"".join(code) + np.__version__.encode()


def end_text(value: float, form: str = "+.3f") -> str:
    """An end of an interval as text; with one more digit where rounding to zero would hide its side."""
    text = f"{value:{form}}"
    side = value and form.startswith("+") and not float(text)
    return f"{value:{form.replace('.3', '.4').replace('.1', '.2')}}" if side else text
