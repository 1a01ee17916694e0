"""The network of the pre-training stage, a ViT with heads for identity and for dense targets, and these targets.

The targets are the renderer's truth, of training families only. They are never an input.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from twinlib import ahan
from twinlib.ahan.vit import ViT
from twinlib.data.manifest import Manifest
from twinlib.data.rendered import head
from twinlib.errors import InputError
from twinlib.faces.align import transform
from twinlib.faces.find import Faces

HEADS = ("grid", "cls", "mean")  # what identities are read from


class Seen(NamedTuple):
    """What the trunk's heads say of a batch."""

    embeddings: dict[str, Float[Tensor, "B E"]]  # by name of the head
    points: Float[Tensor, "B P 2"]  # landmarks, as offsets from the mean shape, in units of 4 % of the crop's side
    marks: Float[Tensor, "B N"]  # logit of a visible mark in each cell of the token grid


class Trunk(nn.Module):
    """Backbone and the heads it is pre-trained with; only the backbone is kept.

    Every kind of head that a row may have learns identities here, each with an embedding of its own, so that the trunk
    favours none of them. Our choice.

    Args:
        cfg: sizes of the backbone; its `head` is not looked at.
        points: number of landmarks.
    """

    def __init__(self, cfg: ahan.ViT, points: int) -> None:
        super().__init__()
        self.vit = ViT(replace(cfg, head="grid"))
        others = {head: nn.Linear(self.vit.backbone.embed_dim, cfg.embedding, bias=False) for head in HEADS[1:]}
        self.embed = nn.ModuleDict(others)
        self.norm = nn.ModuleDict({head: nn.BatchNorm1d(cfg.embedding) for head in others})
        self.points = nn.Linear(self.vit.embed.in_features, 2 * points)
        self.marks = nn.Linear(self.vit.backbone.embed_dim, 1)

    def forward(self, images: Float[Tensor, "B 3 H W"], heads: Sequence[str] = HEADS) -> Seen:
        """What the heads say.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
            heads: which embeddings are wanted.
        """
        X = self.vit.tokens(images)
        tokens = self.vit.map(X)
        G = self.vit.global_stream(X)
        mean = tokens.mean(dim=(1, 2))
        pooled = {"cls": X[:, 0] if self.vit.backbone.has_class_token else mean, "mean": mean}
        embeddings = {head: self.norm[head](self.embed[head](pooled[head])) for head in heads if head in pooled}
        if "grid" in heads:
            embeddings["grid"] = self.vit.norm(self.vit.embed(G))
        points = self.points(G).unflatten(1, (-1, 2))
        return Seen(embeddings, points, self.marks(tokens).flatten(1))


POINTS = 468  # rendered landmarks
MARKS = 24  # visible marks an image, at most


@dataclass(frozen=True)
class Targets:
    """Where the renderer put things, in crops of the training split.

    Attributes:
        points: landmarks, in [0, 1] of the crop.
        marks: visible moles and scars, in [0, 1] of the crop; NaN where there are fewer.
        mirror: landmark at the mirror image of each landmark.
    """

    points: Float[np.ndarray, "N 468 2"]
    marks: Float[np.ndarray, "N 24 2"]
    mirror: Int[np.ndarray, " 468"]


def targets(manifest: Manifest, faces: Faces, rows: Int[np.ndarray, " N"]) -> Targets:
    """Targets of some training images.

    Args:
        manifest: a rendered data set.
        faces: its detector output; the truth is carried into the detector's crops.
        rows: rows of the manifest, all of the training split.

    Raises:
        InputError: if a row is of another split, or the set has no `truth.npz`.
    """
    if set(manifest.images["split"].astype(str).to_numpy()[rows]) - {"train"}:
        raise InputError("a trunk learns from training families only; found rows of another split.")
    file = manifest.root / "truth.npz"
    if not file.is_file():
        raise InputError(f"{file} is missing: a trunk needs a rendered data set, e.g. `twinlib synth study`.")
    with np.load(file) as truth:
        landmarks, image, xy = (truth[name] for name in ("landmarks", "seen_image", "seen_xy"))
        freckle = truth["mark_kind_names"].tolist().index("freckle")  # too many and too faint to be located one by one
        visible = truth["seen_visible"] & (truth["mark_kind"][truth["seen_mark"]] != freckle)
    side = faces.crops.shape[1]
    points = np.stack([transform(landmarks[row], faces.matrix[row]) for row in rows]) / side
    marks = np.full((len(rows), MARKS, 2), np.nan)
    for i, row in enumerate(rows):
        first, last = np.searchsorted(image, (row, row + 1))
        seen = xy[first:last][visible[first:last]][:MARKS]
        marks[i, : len(seen)] = transform(seen, faces.matrix[row]) / side
    return Targets(points.astype(np.float32), marks.astype(np.float32), head().mirror[:POINTS])
