"""Names of metrics as texts, e.g. `auc` or `tar@far=0.01`: one parser for every place that reads one."""

from typing import NamedTuple

from twinlib.errors import InputError

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
