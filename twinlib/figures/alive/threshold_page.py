"""One threshold that drives every view: histogram of scores, point of the ROC curve, four counts, two rates."""

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template

import numpy as np
import pandas as pd

from twinlib.errors import InputError
from twinlib.figures.alive.mounted import element, part
from twinlib.measure.exact import confusion
from twinlib.records.runs import Run

PROTOCOLS = {"twin": "one person against identical twins", "general": "one person against strangers"}
BINS = 80
MILLION = 1_000_000  # scores are stored with six decimals: whole numbers of a millionth


@dataclass(frozen=True, eq=False)
class Scored:
    """Test pairs of a network under a protocol.

    Attributes:
        network: as a page calls it.
        protocol: of `PROTOCOLS`.
        scores: of every test pair, six decimals.
        same: 1 for one person.
        threshold: from validation pairs.
    """

    network: str
    protocol: str
    scores: np.ndarray
    same: np.ndarray
    threshold: float


def scored(runs: Mapping[str, Run]) -> list[Scored]:
    """What the records hold of the two protocols.

    Args:
        runs: name on the page → record.
    """
    found = []
    for network, run in runs.items():
        limits = run.metrics().query("metric == 'balanced_accuracy'").set_index("protocol")["threshold"]
        for protocol in (name for name in PROTOCOLS if name in run.protocols()):
            table: pd.DataFrame = run.scores(protocol).query("split == 'test'")
            pairs = (table["score"].to_numpy(), table["same"].to_numpy())
            found.append(Scored(network, protocol, *pairs, float(limits[protocol])))
    return found


def fragment(pairs: Sequence[Scored], name: str = "one-threshold") -> str:
    """The figure as an element to put into a page; it opens at the first one's threshold from validation.

    Args:
        pairs: each network under the same protocols.
        name: its id, unique on the page.

    Raises:
        InputError: nothing to show.
    """
    if not pairs:
        raise InputError("one threshold needs a record. Train one: twinlib run ahan.")
    runs = [packed(one) for one in pairs]
    first, run = pairs[0], runs[0]
    at = round(first.threshold, 6)
    tp, fp, fn, tn = confusion(first.scores, first.same, at)
    x = 600 * (at - run["low"]) / (run["high"] - run["low"])
    said = f"At {at:.6g}: of two people {_share(fp, fp + tn)} accepted as one; "
    said += f"of one person {_share(fn, fn + tp)} told apart."
    inner = Template(part("threshold.html")).substitute(
        networks=_options([one.network for one in pairs]),
        protocols=_options([one.protocol for one in pairs], PROTOCOLS),
        title=html.escape(str(run["title"])), up=run["up"], down=run["down"], roc=run["roc"], mark=f"{x:.2f}",
        low=run["low"], high=run["high"], value=f"{at:.6g}", tp=tp, fp=fp, fn=fn, tn=tn, said=said,
        x=f"{100 * fp / (fp + tn):.2f}", y=f"{100 - 100 * tp / (tp + fn):.2f}",
    )  # fmt: skip
    return element("threshold", name, "One threshold", inner, {"runs": runs})


def packed(one: Scored) -> dict:
    """Scores as rising levels with their counts, what is drawn of them, and thresholds to jump to."""
    whole = np.round(one.scores * MILLION).astype(np.int64)
    genuine, impostor = np.sort(whole[one.same == 1]), np.sort(whole[one.same == 0])
    low, high = np.floor(whole.min() / 1000) / 1000, np.ceil(whole.max() / 1000 + 1) / 1000
    count = f"{len(genuine)} pairs of one person, {len(impostor)} of two"
    return {
        "network": one.network, "protocol": one.protocol, "low": low, "high": high,
        "title": f"{one.network}, {PROTOCOLS[one.protocol]}: {count}",
        "genuine": _coded(genuine), "impostor": _coded(impostor),
        "up": _bars(genuine / MILLION, low, high, 84, -1), "down": _bars(impostor / MILLION, low, high, 86, 1),
        "roc": _roc(genuine, impostor),
        "at": {"validation": round(one.threshold * MILLION), "far2": allowing(impostor, 0.01),
               "far3": allowing(impostor, 0.001), "nobody": int(whole.max()) + 1},
    }  # fmt: skip


def allowing(impostor: np.ndarray, rate: float) -> int:
    """Lowest threshold that accepts at most this share of rising impostor scores."""
    return int(impostor[len(impostor) - 1 - int(rate * len(impostor))]) + 1


def _coded(rising: np.ndarray) -> str:
    """Steps to the next level and how many scores lie there, seven bits a byte, the highest set where more follow."""
    out = bytearray()  # a record rounds its scores to few levels
    levels, counts = np.unique(rising, return_counts=True)
    for number in np.stack([np.diff(levels, prepend=-MILLION), counts], axis=1).ravel().tolist():
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        out.append(number)
    return base64.b64encode(bytes(out)).decode()


def _bars(scores: np.ndarray, low: float, high: float, base: int, up: int) -> str:
    """A histogram as one path; the highest bar is 80 high."""
    counts, edges = np.histogram(scores, BINS, (low, high))
    x = 600 * (edges - low) / (high - low)
    tops = base + up * 80 * counts / max(counts.max(), 1)
    bars = (f"M{a:.1f} {base}V{top:.1f}H{b:.1f}V{base}Z" for a, b, top in zip(x, x[1:], tops, strict=False))
    return "".join(bar for bar, count in zip(bars, counts, strict=True) if count)


def _roc(genuine: np.ndarray, impostor: np.ndarray) -> str:
    limits = np.quantile(np.concatenate([genuine, impostor]), np.linspace(1, 0, 120))
    fmr, tar = (1 - np.searchsorted(part, limits) / len(part) for part in (impostor, genuine))
    return "M0 100" + "".join(f"L{100 * x:.1f} {100 - 100 * y:.1f}" for x, y in zip(fmr, tar, strict=True)) + "L100 0"


def _options(names: Sequence[str], words: Mapping[str, str] | None = None) -> str:
    return "".join(
        f'<option value="{html.escape(name)}">{html.escape((words or {}).get(name, name))}</option>'
        for name in dict.fromkeys(names)
    )


def _share(some: int, every: int) -> str:
    """A count with its per cent, which says 0 or 100 only where it is."""
    text = f"{100 * some / every:.1f}"
    near = "under 0.1" if text == "0.0" and some else "over 99.9" if text == "100.0" and some < every else text
    return f"{some} of {every}, {near} %"
