"""Which pairs a network is scored on, after training and while it trains, and their scores."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib import config
from twinlib.config import Experiment
from twinlib.data import protocols
from twinlib.data.hard_pairs import hard_pairs_of
from twinlib.data.manifest import Manifest
from twinlib.data.pairs import PAIR_SEED
from twinlib.data.rendered import prepare
from twinlib.errors import InputError
from twinlib.faces.find import Faces
from twinlib.measure.metrics import auc
from twinlib.records.runs import score_table

if TYPE_CHECKING:
    import torch

PROTOCOLS = {"twin": protocols.twin_pairs, "general": protocols.general_pairs, "sibling": protocols.sibling_pairs}


@dataclass(frozen=True)
class Scored:
    """A data set with the pair lists to score on it, by protocol."""

    manifest: Manifest
    faces: Faces
    lists: dict[str, pd.DataFrame]


def pair_lists(manifest: Manifest, per_family: int) -> dict[str, pd.DataFrame]:
    """Pair lists of a data set by protocol; one without pairs in validation and test is left out."""
    relations = set(manifest.images["relation"])
    fitting = {"twin": "mz" in relations, "general": True, "sibling": bool(relations & {"dz", "sibling"})}
    lists = {name: draw(manifest.images, PAIR_SEED, per_family) for name, draw in PROTOCOLS.items() if fitting[name]}
    if "mz" in relations and (hard := hard_pairs_of(manifest, PAIR_SEED, per_family)) is not None:
        lists["hard_twin"] = hard
    return {name: pairs for name, pairs in lists.items() if {"validation", "test"} <= set(pairs["split"])}


def scored_sets(experiment: config.Experiment, manifest: Manifest, faces: Faces) -> list[Scored]:
    """What a run is scored on; made before training, so that a set that cannot be scored is refused first.

    Args:
        experiment: its `evaluate.sets` name further sets, of which only twin pairs are scored.
        manifest: of the run's own set.
        faces: of the same.

    Raises:
        InputError: a further set holds a family of the training split, or has no twins.
    """
    per_family = experiment.evaluate.pairs
    found = [Scored(manifest, faces, pair_lists(manifest, per_family))]
    return found + [twins_of(name, experiment.data.size, per_family, manifest) for name in experiment.evaluate.sets]


def twins_of(name: str, size: int, per_family: int, trained: Manifest) -> Scored:
    """The twin pairs of a further set, as the protocol `twin@name`.

    Args:
        name: of the set.
        size: of its crops in pixels.
        per_family: pairs.
        trained: manifest of the set that the network was trained on.

    Raises:
        InputError: it holds a family of the training split, or has no twins.
    """
    seen = set(trained.images["family"][trained.images["split"] == "train"].astype(str))
    other, its_faces = prepare(name, size)
    pairs = protocols.twin_pairs(other.images, PAIR_SEED, per_family)
    used = pairs[pairs["split"] != "train"]
    if shared := seen & {*used["family_a"].astype(str), *used["family_b"].astype(str)}:
        raise InputError(
            f"evaluate.sets: {name!r} tests family {min(shared)!r}, which {trained.root.name!r} trains on."
        )
    return Scored(other, its_faces, {f"twin@{name}": pairs})


def scored_rows(scored: Scored) -> list[int]:
    """Rows of the manifest that occur in a validation or test pair, rising."""
    position = _position(scored)
    tables = [pairs[pairs["split"] != "train"] for pairs in scored.lists.values()]
    images = {image for table in tables for side in ("image_a", "image_b") for image in table[side].astype(str)}
    return sorted(int(position[image]) for image in images)


def score(scored: Scored, rows: list[int], e: Float[np.ndarray, "N E"]) -> dict[str, pd.DataFrame]:
    """Cosine of each validation and test pair, by protocol.

    Args:
        scored: the set.
        rows: rows of the manifest that were embedded.
        e: their unit-length embeddings.
    """
    place = pd.Series(np.arange(len(rows)), index=scored.manifest.images["image"].astype(str).to_numpy()[rows])
    tables = {}
    for name, pairs in scored.lists.items():
        kept = pairs[pairs["split"] != "train"].reset_index(drop=True)
        a, b = (e[place.loc[kept[side].astype(str)].to_numpy()] for side in ("image_a", "image_b"))
        tables[name] = score_table(kept, np.einsum("pe,pe->p", a, b))
    return tables


def _position(scored: Scored) -> pd.Series:
    return pd.Series(np.arange(len(scored.manifest.images)), index=scored.manifest.images["image"].astype(str))


def validation(
    experiment: Experiment, manifest: Manifest, faces: Faces, device: str
) -> Callable[["torch.nn.Module"], float] | None:
    """What `train.validate_every` asks for, as `validation_auc` gives it; None if no validation is wanted.

    Raises:
        InputError: if one is wanted and the data set has no validation pairs.
    """
    return validation_auc(experiment, manifest, faces, device) if experiment.train.validate_every else None


def validation_auc(
    experiment: Experiment, manifest: Manifest, faces: Faces, device: str
) -> Callable[["torch.nn.Module"], float]:
    """A function from a network to the AUC of the validation pairs: of twins, of strangers where there are none.

    Args:
        experiment: its `evaluate` says how many pairs a family and how large a batch.
        manifest: of the data set.
        faces: of the same.
        device: where the network is.

    Raises:
        InputError: if the data set has no validation pairs.
    """
    from twinlib.models.features import embed  # brings torch, which who looks for records does not need

    lists = pair_lists(manifest, experiment.evaluate.pairs)
    name = next((name for name in ("twin", "general") if name in lists), None)
    if name is None:
        raise InputError("train.validate_every and tuning: the data set has no pairs in its validation split.")
    pairs = lists[name][lists[name]["split"] == "validation"]
    scored = Scored(manifest, faces, {name: pairs})
    row_of = {image: row for row, image in enumerate(manifest.images["image"].astype(str))}
    rows = sorted({row_of[image] for side in ("image_a", "image_b") for image in pairs[side].astype(str)})

    def measure(net: "torch.nn.Module") -> float:
        e = embed(net, faces.crops, rows, device, experiment.evaluate.batch, faces.boxes)
        table = score(scored, rows, e)[name]
        return float(auc(table["score"].to_numpy(), table["same"].to_numpy().astype(bool)))

    return measure
