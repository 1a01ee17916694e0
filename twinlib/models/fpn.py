"""Residual network with a feature pyramid (Miao): one level, pooled, is the embedding."""

import timm
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork

from twinlib import config
from twinlib.data.preprocess import Preprocess
from twinlib.errors import InputError

LEVELS = ("p2", "p3", "p4", "p5")


class FPN(nn.Module):
    """Four feature maps of a backbone, `torchvision`'s pyramid, the mean of one of its levels.

    Args:
        cfg: backbone, level, size of the embedding. p5 is our reading of "the last layer"; it is computed before the
            pyramid's first step downwards, so that nothing of C2 – C4 reaches it beside the backbone itself. none
            leaves the pyramid away and maps the mean of the last map by a linear layer.

    Attributes:
        preprocess: what it wants done to a crop.

    Raises:
        InputError: for a backbone that `timm` does not know or that has no four maps.

    Source:
        Miao, Improving similar face recognition using ResNet-50 and FPN with triplet loss; Lin et al., CVPR 2017.
    """

    inputs: tuple[str, ...] = ("images",)

    def __init__(self, cfg: config.FPN) -> None:
        super().__init__()
        self.preprocess, self.level = Preprocess(cfg.image_size), cfg.level
        try:
            self.backbone = timm.create_model(cfg.backbone, features_only=True, out_indices=(1, 2, 3, 4))
        except (RuntimeError, ValueError, IndexError, AssertionError) as error:
            raise InputError(f"model.backbone {cfg.backbone!r} cannot carry a pyramid: {error}.") from error
        channels = self.backbone.feature_info.channels()
        pyramid = cfg.level != "none"
        self.pyramid = FeaturePyramidNetwork(channels, cfg.embedding) if pyramid else None
        self.embed = nn.Identity() if pyramid else nn.Linear(channels[-1], cfg.embedding)

    def levels(self, images: Float[Tensor, "B 3 H W"]) -> dict[str, Float[Tensor, "B E h w"]]:
        """Maps p2 … p5 of the pyramid, or only the backbone's last one as `none`."""
        maps = self.backbone(images)
        return {"none": maps[-1]} if self.pyramid is None else self.pyramid(dict(zip(LEVELS, maps, strict=True)))

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; the paper compares by Euclidean distance. Images: RGB, (x − 127.5) / 127.5."""
        return self.embed(self.levels(images)[self.level].mean(dim=(2, 3)))
