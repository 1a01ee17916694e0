"""The local-global network of NDTWIN: one backbone, a global branch, a branch behind attention, fused."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from twinlib.ahan.attention import CrossAttention
from twinlib.ahan.backbone import feature_maps, mapped_backbone, pixels_for
from twinlib.errors import InputError
from twinlib.methods import ndtwin
from twinlib.models.network import Network
from twinlib.models.preprocess import Preprocess
from twinlib.models.unit import answer, unit

Attended = tuple[Float[Tensor, "B C h w"], Float[Tensor, "B 1 h w"]]  # the map after attention, and where it looked


class CBAM(nn.Module):
    """Gate of the channels from their means, then gate of the places from mean and maximum over the channels.

    Source:
        Woo et al., ECCV 2018, as the public NDTWIN2 code has it: without the branch of the channels' maxima.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.down, self.up = nn.Conv2d(channels, hidden, 1, bias=False), nn.Conv2d(hidden, channels, 1, bias=False)
        self.place = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: Float[Tensor, "B C h w"]) -> Attended:
        """Gated map and the gate of the places."""
        x = x * self.up(self.down(x.mean(dim=(2, 3), keepdim=True)).relu()).sigmoid()
        where = self.place(torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)).sigmoid()
        return x * where, where


class Spatial(nn.Module):
    """One gate for the whole map from the channels' means, then the sigmoid of the channels' mean; NDTWIN2's own."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.down, self.up = nn.Conv2d(channels, hidden, 1, bias=False), nn.Conv2d(hidden, 1, 1, bias=False)

    def forward(self, x: Float[Tensor, "B C h w"]) -> Attended:
        """Gated map and the gate of the places."""
        x = x * self.up(self.down(x.mean(dim=(2, 3), keepdim=True)).relu()).sigmoid()
        where = x.mean(1, keepdim=True).sigmoid()
        return x * where, where


class Transformer(nn.Module):
    """Self-attention over the places, then a gate of the places from what they have read.

    Notes:
        The public code lays heads, places and channels out wrongly after attention, so that it scrambles the map.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.attn = CrossAttention(channels, heads)
        hidden = max(1, channels // 4)
        self.place = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, 1, 1))

    def forward(self, x: Float[Tensor, "B C h w"]) -> Attended:
        """Gated map and the gate of the places."""
        X = x.flatten(2).transpose(1, 2)
        y = self.attn(X, X).transpose(1, 2).unflatten(2, x.shape[2:])
        where = self.place(y).sigmoid()
        return y * where, where


def layer(n_in: int, n_out: int, dropout: float) -> nn.Sequential:
    """Linear layer, batch normalisation, ReLU, dropout."""
    return nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU(), nn.Dropout(dropout))


class LocalGlobal(Network):
    """Pooled features, pooled attended features, and both fused; the embedding has length 1.

    Args:
        cfg: backbone (convolutional, or a transformer, whose patch tokens are laid out as a map), attention, dropout,
            size of the embedding. A backbone of one's own joins by `timm.models.register_model`.

    Attributes:
        outputs: `whole` and `local` "B E/2", the branches; `attention` "B 1 h w", the gate of the places.

    Raises:
        InputError: for a backbone that `timm` does not know or that gives no map, heads that do not divide its
            channels, or an embedding below 2.

    Source:
        The public NDTWIN2 code; there is no paper.
    """

    outputs = ("whole", "local", "attention")

    def __init__(self, cfg: ndtwin.LocalGlobal) -> None:
        super().__init__()
        self.preprocess = Preprocess(cfg.image_size)
        if cfg.embedding < 2:
            raise InputError(
                f"model.embedding of local_global has a half for each branch: at least 2, got {cfg.embedding}."
            )
        self.backbone, channels = mapped_backbone(cfg.backbone, cfg.image_size)
        self.standardise = pixels_for(cfg.backbone, cfg.pixels)
        half = cfg.embedding // 2
        self.attention = {
            "cbam": lambda: CBAM(channels, cfg.reduction),
            "spatial": lambda: Spatial(channels, cfg.reduction),
            "transformer": lambda: Transformer(channels, cfg.heads),
        }[cfg.attention]()
        self.whole, self.local = layer(channels, half, cfg.dropout), layer(channels, half, cfg.dropout)
        self.fusion = layer(2 * half, cfg.embedding, cfg.dropout)
        self.embed = nn.Linear(cfg.embedding, cfg.embedding)

    def forward(
        self, images: Float[Tensor, "B 3 H W"], wanted: tuple[str, ...] = ()
    ) -> Float[Tensor, "B E"] | tuple[Float[Tensor, "B E"], dict[str, Tensor]]:
        """Embedding of length 1, and the outputs that are wanted. Images: aligned RGB crops, (x − 127.5) / 127.5."""
        x = feature_maps(self.backbone, self.standardise(images))
        attended, where = self.attention(x)
        whole, local = self.whole(x.mean(dim=(2, 3))), self.local(attended.mean(dim=(2, 3)))
        e = unit(self.embed(self.fusion(torch.cat([whole, local], dim=1))))
        return answer(e, {"whole": whole, "local": local, "attention": where}, wanted)
