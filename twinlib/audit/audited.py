"""The audit as a function: from a protocol and scores to a report in plain JSON."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from twinlib.audit import causes, enrolled, policies, rates
from twinlib.audit.given.presets import PRESETS, Preset
from twinlib.audit.given.rendered_crops import Embed, embedded
from twinlib.audit.protocol import KINDS, MAIN, Protocol, rendered
from twinlib.measure.metrics import auc
from twinlib.version import __version__

KIND = "twinlib audit"
SCALE = "Rendered faces: ranks of recognisers carry over to photographs, thresholds and rates do not."
NO_GALLERY = "searches and several images need embeddings; scores of single pairs were given"


def audit_recogniser(
    embed: Embed, preset: Preset | None = None, workers: int | None = None, name: str = "callable"
) -> dict[str, object]:
    """Audit a Python function.

    Args:
        embed: aligned RGB crops, uint8 [N, S, S, 3], to a row of numbers each, of any length; called with up to 128.
        preset: how a face lies in the crop, `presets.PRESETS` has some; its scaling is left to `embed`. By default
            112 × 112 px by the field's template.
        workers: processes that render the missing images.
        name: of the recogniser, for the report.

    Returns:
        The report, see `audited`.

    Raises:
        InputError: as `rendered` and `embedded`.
    """
    asked = rendered(workers)
    e = embedded(asked.images, preset or PRESETS["insightface"], embed)
    return audited(asked, cosines(asked, e), e, name)


def cosines(asked: Protocol, e: Float[np.ndarray, "N E"]) -> Float[np.ndarray, " P"]:
    """Score of every pair, from embeddings of unit length in the order of the images."""
    a, b = asked.pairs["a"].to_numpy(), asked.pairs["b"].to_numpy()
    parts = np.array_split(np.arange(len(a)), max(len(a) // 16384, 1))  # both sides of all pairs fill the memory
    return np.concatenate([np.einsum("pe,pe->p", e[a[i]], e[b[i]]) for i in parts]).astype(np.float64)


def audited(
    asked: Protocol,
    scores: Float[np.ndarray, " P"],
    e: Float[np.ndarray, "N E"] | None,
    name: str,
    draws: int = rates.DRAWS,
    tell: Callable[[str], object] = lambda text: None,
) -> dict[str, object]:
    """The report.

    Args:
        asked: the protocol.
        scores: the score of each pair, higher = more alike.
        e: embeddings of unit length, one row for each image; None if only scores were given.
        name: of the recogniser.
        draws: of each bootstrap.
        tell: called with a few words before each part.

    Returns:
        kind, twinlib, version, name, note; `shift` (scores of each kind), `auc` against twins, siblings, strangers,
        `rates` (at each FMR of strangers), `causes`, `bins`, `gallery`, `policies`.
    """
    main = (asked.pairs["set"] == MAIN).to_numpy()
    pairs, own = asked.pairs[main], scores[main]
    kind = pairs["kind"].to_numpy()
    tell("rates with their intervals")
    found = rates.by_kind(pairs, own, draws)
    at = next((row for row in found if row["fmr"] == policies.FMR), found[-1])
    threshold = float(at["threshold"])
    edges, shift = rates.shift(kind, own)
    tell("causes and bins")
    report: dict[str, object] = {
        "kind": KIND,
        "twinlib": __version__,
        "version": asked.version,
        "name": name,
        "note": SCALE,
        "images": len(asked.images),
        "pairs": {one: int((kind == one).sum()) for one in KINDS},
        "shift": shift,
        "edges": edges,
        "auc": {one: _against(kind, own, one) for one in KINDS[1:] if (kind == one).any()},
        "rates": found,
        "at_fmr": at["fmr"],
        "causes": causes.ladder(asked, scores, threshold, draws),
        "bins": causes.bins(asked, scores, threshold, draws),
    }
    tell("gallery and policies")
    report["gallery"] = NO_GALLERY if e is None else enrolled.searched(asked.images, e, draws)
    report["policies"] = {
        "stricter": policies.stricter(pairs, own, draws),
        "best_of": NO_GALLERY if e is None else policies.best_of(asked.images, e, draws),
        "second_factor": policies.second_factor(at),
    }
    return report


def _against(kind: np.ndarray, scores: np.ndarray, one: str) -> float:
    used = (kind == "genuine") | (kind == one)
    return auc(scores[used], (kind == "genuine")[used].astype(int))
