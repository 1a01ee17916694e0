"""The answer of a verification: the decision, what it rests on, and what affects it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from twinlib.verify.calibrated import Calibrated
from twinlib.verify.recognise.recogniser import Recogniser, Seen

RELATIVES = (
    "The rates are of strangers; twins and siblings pass more often. twinlib audit measures how often, for any "
    "recogniser: chapter Audit a recogniser, book/17_audit.ipynb."
)
TWINS = "the threshold was never tested on identical twins: expect more false matches for them."


class Embedded(NamedTuple):
    """An input.

    Attributes:
        vector: its embedding, of unit length.
        seen: how the photograph was seen; None for an embedding that was passed.
        odd: what had to be done to its file besides decoding it, separated by semicolons.
    """

    vector: Float[np.ndarray, " E"]
    seen: Seen | None
    odd: str


def answer(
    recogniser: Recogniser, known: Calibrated | None, limit: float | None, score: float, pair: dict[str, Embedded]
) -> dict[str, Any]:
    """The answer as JSON; see `TwinVerifier.verify` for its fields.

    Args:
        recogniser: that embedded the two.
        known: its calibration; only None if there is a limit.
        limit: largest distance that is accepted; None takes the threshold of the calibration.
        score: of the two.
        pair: the two by what they are called.
    """
    seen = {name: one.seen for name, one in pair.items() if one.seen is not None}
    reasons = [f"{name}: {text}" for name, one in seen.items() for text in one.reasons]
    warnings = [f"{name}: {text}" for name, one in seen.items() for text in one.warnings]
    if limit is None and known is not None and "twin" not in known.fmr_by_kind:
        warnings.append(TWINS)
    return {
        **_decision(known, limit, score, bool(reasons)),
        "model": recogniser.name,
        "detector_backend": recogniser.detector,
        "similarity_metric": "cosine",
        "facial_areas": _by_number(pair, lambda one: one.area),
        "faces": _by_number(pair, lambda one: one.facts and asdict(one.facts)),
        "reasons": reasons,
        "warnings": warnings,
        "notes": [f"{name}: {text}" for name, one in pair.items() for text in one.odd.split("; ") if text],
        "see_also": RELATIVES,
    }


def _decision(known: Calibrated | None, limit: float | None, score: float, abstained: bool) -> dict[str, object]:
    """Score, threshold and rates. Each is compared on the scale that the threshold was given in: 1 − x rounds."""
    if limit is not None:
        accepted, least, most, rates = 1 - score <= limit, 1 - limit, limit, ("", None, None, {})
    elif known is not None:
        accepted, least, most = score >= known.threshold, known.threshold, known.distance
        rates = (known.source, known.fmr, known.fnmr, known.fmr_by_kind)
    else:
        raise ValueError("neither a limit nor a calibration")
    return {
        "verified": None if abstained else accepted,
        "abstained": abstained,
        "distance": 1 - score,
        "threshold": most,
        "score": score,
        "score_threshold": least,
        "threshold_source": "calibration" if limit is None else "argument",
        **dict(zip(("threshold_on", "fmr_at_threshold", "fnmr_at_threshold", "fmr_by_kind"), rates, strict=True)),
    }


def _by_number(pair: dict[str, Embedded], of: Callable[[Seen], object]) -> dict[str, object]:
    """Something of each photograph; None for an embedding."""
    return {f"img{i}": one.seen and of(one.seen) for i, one in enumerate(pair.values(), 1)}
