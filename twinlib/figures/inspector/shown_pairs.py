"""Which pairs the inspector shows, and everything it knows about them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from twinlib.data.manifest import Manifest, is_rendered
from twinlib.data.pairs import PAIR_SEED
from twinlib.errors import InputError
from twinlib.faces.find import Faces
from twinlib.figures.inspector.stored_maps import Maps, maps_of, read_maps, stored_file
from twinlib.records.runs import Run
from twinlib.train.scoring import PROTOCOLS

if TYPE_CHECKING:
    from twinlib.models.network import Network


KINDS = ("genuine", "twin", "sibling", "stranger")
SHOWN_KINDS = {"twin": ("genuine", "twin"), "sibling": ("sibling",), "general": ("stranger",)}  # protocol → kinds
LIMIT = 60  # pairs; two faces each stay far below 2 MB
FACTS = ("yaw", "pitch", "age_gap", "occluder", "expression", "relation", "sex", "tone_bin", "age_bin")


@dataclass(frozen=True, eq=False)
class Inspected:
    """A run as the inspector shows it.

    Attributes:
        title: run and data set, in words.
        scores: protocol → every test pair with score, same and kind, as the record stores them.
        thresholds: protocol → threshold that the record took from validation pairs.
        pairs: the pairs with faces: protocol, pair, kind, same, score, image_a, image_b, family_a, family_b.
        images: one row a shown image, by its name, with the factors the manifest knows.
        crops: image → aligned RGB crop, as the model saw it.
        maps: attention and asymmetry of the shown images; None where there are neither weights nor stored maps.
        maps_from: where the maps come from, in words, or why there are none.
        manifest: the whole data set, for the form with a kernel.
        faces: likewise.
        model: the trained network where its weights are here; the form with a kernel scores changed pictures with it.
    """

    title: str
    scores: dict[str, pd.DataFrame]
    thresholds: dict[str, float]
    pairs: pd.DataFrame
    images: pd.DataFrame
    crops: dict[str, UInt8[np.ndarray, "S S 3"]]
    maps: Maps | None
    maps_from: str
    manifest: Manifest
    faces: Faces
    model: "Network | None" = None


def chosen_pairs(run: Run, manifest: Manifest, limit: int = LIMIT) -> pd.DataFrame:
    """Test pairs of a run, the same number of each kind, evenly spread over that kind's scores.

    Args:
        run: a record; its pair lists are drawn again from the manifest, as its scores name pairs by number only.
        manifest: the data set that it was scored on.
        limit: pairs in all.

    Raises:
        InputError: the record was made on another data set.
    """
    if manifest.sha256 != run.record["hashes"]["manifest"]:
        raise InputError(f"{run.folder.name} was scored on another data set than {manifest.root.name}. Run it again.")
    per_family, tables = int(run.record["config"]["evaluate"]["pairs"]), []
    for protocol in (name for name in SHOWN_KINDS if name in run.protocols()):
        drawn = PROTOCOLS[protocol](manifest.images, PAIR_SEED, per_family)
        scored = run.scores(protocol)[["pair", "score"]].merge(drawn, on="pair", validate="one_to_one")
        scored = scored[(scored["split"] == "test") & scored["kind"].isin(SHOWN_KINDS[protocol])]
        tables.append(scored.assign(protocol=protocol))
    pool = pd.concat(tables, ignore_index=True)
    share = limit // max(pool["kind"].nunique(), 1)
    spread = [_spread(part.sort_values(["score", "pair"]), share) for _, part in pool.groupby("kind", sort=False)]
    columns = ["protocol", "pair", "kind", "same", "score", "image_a", "image_b", "family_a", "family_b"]
    return pd.concat(spread, ignore_index=True)[columns]


def inspected(
    run: Run, manifest: Manifest, faces: Faces, model: "Network | None" = None, limit: int = LIMIT, stored: bool = True
) -> Inspected:
    """Everything that the inspector shows of a run.

    Args:
        run: the record.
        manifest: its data set; rendered, because pages show faces.
        faces: detector output, row by row as the manifest.
        model: the trained network, where its weights are here.
        limit: pairs to show.
        stored: take maps that are committed beside the record, where they cover the pairs, before asking the network.

    Raises:
        InputError: the data set was not rendered, or is not the run's.
    """
    if not is_rendered(manifest.root):
        raise InputError(f"{manifest.root.name} holds photographs; the inspector shows rendered faces only.")
    pairs = chosen_pairs(run, manifest, limit)
    rows = manifest.images[manifest.images["image"].isin({*pairs["image_a"], *pairs["image_b"]})]
    facts = ["image", "subject", "family", *(name for name in FACTS if name in rows)]
    names, crops, boxes = (
        [str(name) for name in rows["image"]],
        np.asarray(faces.crops[rows.index]),
        faces.boxes[rows.index],
    )
    maps, source = _maps(run, model, names, crops, boxes, stored)
    every = {name: run.scores(name) for name in SHOWN_KINDS if name in run.protocols()}
    columns = ["pair", "kind", "same", "score"]
    return Inspected(
        title=f"{run.record['name']}, profile {run.record['profile']}, seed {run.record['seed']}, {manifest.root.name}",
        scores={name: t.loc[t["split"] == "test", columns].reset_index(drop=True) for name, t in every.items()},
        thresholds=_thresholds(run),
        pairs=pairs,
        images=rows[facts].set_index("image").sort_index(),
        crops=dict(zip(names, crops, strict=True)),
        maps=maps,
        maps_from=source,
        manifest=manifest,
        faces=faces,
        model=model,
    )


def _maps(
    run: Run, model: "Network | None", names: list[str], crops: np.ndarray, boxes: np.ndarray, stored: bool
) -> tuple[Maps | None, str]:
    """Maps of the shown images, and where they come from."""
    file = stored_file(run.folder.name)
    if stored and file.is_file() and set(names) <= set((maps := read_maps(file)).images):
        return (
            maps,
            "Attention and asymmetry maps: stored with the record when it was made; the weights are not part of it.",
        )
    if model is None:
        return (
            None,
            "No attention or asymmetry maps: the weights of this run are not here and no maps are stored with it.",
        )
    if (maps := maps_of(model, names, crops, boxes)) is None:
        return None, "No attention or asymmetry maps: this network has no tokens to look at."
    return maps, "Attention and asymmetry maps: computed from the trained weights when this page was made."


def _spread(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """`count` rows at equal steps of rank, the lowest and the highest among them."""
    return table.iloc[np.unique(np.linspace(0, len(table) - 1, min(count, len(table))).round().astype(int))]


def _thresholds(run: Run) -> dict[str, float]:
    rows = run.metrics().query("metric == 'balanced_accuracy'")
    return {str(name): float(value) for name, value in zip(rows["protocol"], rows["threshold"], strict=True)}
