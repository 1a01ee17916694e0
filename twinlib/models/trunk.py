"""The network of the pre-training stage: a ViT with heads for identity and for dense targets of the renderer."""

from dataclasses import replace
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from twinlib import config
from twinlib.models.vit import ViT


class Seen(NamedTuple):
    """What the trunk's heads say of a batch."""

    embedding: Float[Tensor, "B E"]  # of a head that sees every token
    points: Float[Tensor, "B P 2"]  # landmarks, as offsets from the mean shape, in units of 4 % of the crop's side
    marks: Float[Tensor, "B N"]  # logit of a visible mark in each cell of the token grid


class Trunk(nn.Module):
    """Backbone and the heads it is pre-trained with; only the backbone is kept.

    Identities are learned through the head that sees every token: through the class token, a network this small learns
    next to nothing in the same time (tried). So the trunk is one that suits the grid head. Our choice.

    Args:
        cfg: sizes of the backbone; its `head` is not looked at.
        points: number of landmarks.
    """

    def __init__(self, cfg: config.ViT, points: int) -> None:
        super().__init__()
        self.vit = ViT(replace(cfg, head="grid"))
        self.points = nn.Linear(self.vit.embed.in_features, 2 * points)
        self.marks = nn.Linear(cfg.width, 1)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Seen:
        """Images: aligned RGB crops, (x − 127.5) / 127.5."""
        X = self.vit.tokens(images)
        G = self.vit.global_stream(X)
        return Seen(
            self.vit.norm(self.vit.embed(G)),
            self.points(G).unflatten(1, (-1, 2)),
            self.marks(X[:, 1:]).squeeze(2),
        )
