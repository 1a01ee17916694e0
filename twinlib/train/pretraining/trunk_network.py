"""The network of the pre-training stage: a ViT with heads for identity and for dense targets of the renderer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from twinlib import ahan
from twinlib.ahan.vit import ViT

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
