"""Residual network with a feature pyramid (Miao): one level, pooled, is the embedding."""

from itertools import pairwise
from typing import Any, cast

import timm
from jaxtyping import Float
from timm.models import FeatureInfo
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork

from twinlib.ahan.backbone import known, patches_fit, pixels_for
from twinlib.errors import InputError
from twinlib.methods import miao
from twinlib.models.network import Network
from twinlib.models.preprocess import Preprocess
from twinlib.models.unit import pick_pixels

LEVELS = ("p2", "p3", "p4", "p5")


def four_maps(name: str, size: int) -> nn.Module:
    """The last four feature maps of a network of `timm`, each half as large as the one before.

    Raises:
        InputError: if `timm` does not know the name, or the network has no such maps.
    """
    name = known(name)
    about = timm.get_pretrained_cfg(name, allow_unregistered=True)
    sized: dict[str, Any] = {"img_size": size} if about is not None and about.fixed_input_size else {}
    try:
        net = timm.create_model(name, features_only=True, out_indices=(-4, -3, -2, -1), **sized)
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError, AttributeError) as error:
        raise InputError(f"model.backbone {name!r} cannot carry a pyramid: {error}.") from error
    patches_fit(net, name, size)
    steps = cast("FeatureInfo", net.feature_info).reduction()
    if any(fine >= coarse for fine, coarse in pairwise(steps)):
        raise InputError(f"model.backbone {name!r} cannot carry a pyramid: its maps have steps of {steps} px.")
    return pick_pixels(net)


class FPN(Network):
    """Four feature maps of a backbone, `torchvision`'s pyramid, the mean of one of its levels.

    Args:
        cfg: backbone, level, size of the embedding. p5 is our reading of "the last layer"; it is computed before the
            pyramid's first step downwards, so that nothing of C2 – C4 reaches it beside the backbone itself. none
            leaves the pyramid away and maps the mean of the last map by a linear layer.

    Raises:
        InputError: for a backbone that `timm` does not know or whose last four maps do not halve from one to the next.

    Source:
        Miao, Improving similar face recognition using ResNet-50 and FPN with triplet loss; Lin et al., CVPR 2017.
    """

    def __init__(self, cfg: miao.FPN) -> None:
        super().__init__()
        self.preprocess, self.level = Preprocess(cfg.image_size), cfg.level
        self.backbone = four_maps(cfg.backbone, cfg.image_size)
        self.standardise = pixels_for(cfg.backbone, cfg.pixels)
        channels = cast("FeatureInfo", self.backbone.feature_info).channels()
        pyramid = cfg.level != "none"
        self.pyramid = FeaturePyramidNetwork(channels, cfg.embedding) if pyramid else None
        self.embed = nn.Identity() if pyramid else nn.Linear(channels[-1], cfg.embedding)

    def levels(self, images: Float[Tensor, "B 3 H W"]) -> dict[str, Float[Tensor, "B E h w"]]:
        """Maps p2 … p5 of the pyramid, or only the backbone's last one as `none`."""
        last = getattr(self.backbone, "output_fmt", "NCHW") == "NHWC"
        maps = [x.permute(0, 3, 1, 2) if last else x for x in self.backbone(self.standardise(images))]
        return {"none": maps[-1]} if self.pyramid is None else self.pyramid(dict(zip(LEVELS, maps, strict=True)))

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; the paper compares by Euclidean distance. Images: RGB, (x − 127.5) / 127.5."""
        return self.embed(self.levels(images)[self.level].mean(dim=(2, 3)))
