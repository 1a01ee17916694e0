"""The networks that judge the studio's twins: the one that ships, and trained ones whose weights were kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.data.pairs import PAIR_SEED
from twinlib.data.protocols import twin_pairs
from twinlib.data.rendered import page_set, prepare
from twinlib.errors import InputError
from twinlib.faces.crops import Crop
from twinlib.faces.images import read_image
from twinlib.measure.metrics import threshold_at_best_balanced_accuracy
from twinlib.records.runs import Run
from twinlib.study.row_runs import every_row
from twinlib.train.stored.trained import trained_model
from twinlib.verify.recognise.by_network import Trained
from twinlib.verify.recognise.pair import ShippedPair
from twinlib.verify.recognise.recogniser import Recogniser, Seen
from twinlib.verify.verifier import TwinVerifier

TRAINED = {"vit": "plain ViT", "ahan": "AHAN", "vit_grid": "plain ViT, every token"}
SIZE = 112  # pixels of a rendered photograph's crop; networks of another size, as those of profile full, do not judge
PER_FAMILY = 3  # validation pairs of each kind that a threshold rests on


@dataclass(frozen=True)
class Judge:
    """A network with its threshold.

    Attributes:
        words: what a page calls it.
        source: its record, or what it was trained on.
        recogniser: from photographs to embeddings.
        threshold: lowest cosine that is accepted as one person.
    """

    words: str
    source: str
    recogniser: Recogniser
    threshold: float


def kept(profile: str, seed: int = 0, weights: bool = True) -> dict[str, Run]:
    """Records of the rows of `TRAINED`.

    Args:
        profile: smoke, cpu or full; under smoke, what was trained so far.
        seed: of the runs.
        weights: only those whose weights are on this machine.
    """
    rows = every_row(profile)
    runs = {name: [run for run in rows.get(name, []) if run.record["seed"] == seed] for name in TRAINED}
    found = {name: some[0] for name, some in runs.items() if some}
    fitting = {name: run for name, run in found.items() if run.record["config"]["model"]["image_size"] == SIZE}
    return {name: run for name, run in fitting.items() if not (weights and trained_model(run) is None)}


def judges(profile: str, align: str = "landmarks") -> list[Judge]:
    """SFace and the trained networks that there are, each with a threshold for twins.

    A threshold is the one with the best balanced accuracy between photographs of one person and of two twins, over
    validation families of the pages' data set, in the scores of `TwinVerifier`.

    Args:
        profile: smoke, cpu or full.
        align: landmarks for photographs, none for aligned crops.
    """
    networks: list[tuple[str, str, Recogniser]] = [("SFace", "photographs of strangers", ShippedPair(align))]
    for name, run in kept(profile).items():
        if (net := trained_model(run)) is not None:
            networks.append((TRAINED[name], run.folder.name, Trained(net, align, "cpu")))
    manifest, faces = prepare(page_set(profile), SIZE)
    pairs = twin_pairs(manifest.images, PAIR_SEED, PER_FAMILY)
    pairs = pairs[pairs["split"] == "validation"]
    names = sorted({*pairs["image_a"], *pairs["image_b"]})
    images = manifest.images.reset_index(names="row").set_index("image").loc[names]
    crops = [
        Seen(Crop(np.asarray(faces.crops[row]), faces.boxes[row], True), np.asarray(faces.crops[row]))
        for row in images["row"]
    ]
    photographs = [read_image(manifest.root / path) for path in images["path"]] if align == "landmarks" else []
    found = []
    for words, source, recogniser in networks:
        seen: list[Seen | None] = list(crops)
        if isinstance(recogniser, ShippedPair):
            seen = [looked(recogniser, one) for one in photographs or [crop.pixels for crop in crops]]
        e = dict(zip(names, embedded(recogniser, seen), strict=True))
        scores = np.array([float(np.dot(e[a], e[b])) for a, b in zip(pairs["image_a"], pairs["image_b"], strict=True)])
        whole = np.isfinite(scores)
        threshold = threshold_at_best_balanced_accuracy(scores[whole], pairs["same"].to_numpy()[whole])
        found.append(Judge(words, source, recogniser, float(f"{threshold:.6f}")))
    return found


def looked(recogniser: Recogniser, pixels: UInt8[np.ndarray, "H W 3"]) -> Seen | None:
    """A photograph that was looked at; None where no face was found."""
    try:
        return recogniser.look(pixels, "photograph")
    except InputError:
        return None


def embedded(recogniser: Recogniser, seen: Sequence[Seen | None], batch: int = 64) -> Float[np.ndarray, "N E"]:
    """Embeddings, float64; a row of NaN where no face was found."""
    there = [i for i, one in enumerate(seen) if one is not None]
    faces = [one for one in seen if one is not None]
    parts = [recogniser.embed(faces[start : start + batch]) for start in range(0, len(faces), batch)]
    every = np.concatenate(parts).astype(np.float64)
    e = np.full((len(seen), every.shape[1]), np.nan)
    e[there] = every
    return e


def embeddings(
    judged: Sequence[Judge], photographs: Sequence[UInt8[np.ndarray, "S S 3"]]
) -> list[Float[np.ndarray, "N E"]]:
    """Embeddings of photographs by each network; networks that find faces alike share the search."""
    seen: dict[type, list[Seen | None]] = {}
    for kind, judge in {type(judge.recogniser): judge for judge in judged}.items():
        seen[kind] = [looked(judge.recogniser, one) for one in photographs]
    return [embedded(judge.recogniser, seen[type(judge.recogniser)]) for judge in judged]


def verifier(judge: Judge) -> TwinVerifier:
    """The network behind `twinlib verify`, without a calibration of its own."""
    return TwinVerifier(judge.recogniser)
