"""Networks: aligned face crops in, one embedding an image out."""

from torch import nn

from twinlib.errors import InputError
from twinlib.models.ahan import AHAN
from twinlib.models.faam import FAAM
from twinlib.models.hca import HCA
from twinlib.models.mobilefacenet import MobileFaceNet
from twinlib.models.ta_pwca import pair_attention
from twinlib.models.vit import ViT

MODELS: dict[str, type[nn.Module]] = {"vit": ViT, "ahan": AHAN, "mobilefacenet": MobileFaceNet}


def build(name: str, cfg: object) -> nn.Module:
    """Build a network from its registry name and its config dataclass.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if name not in MODELS:
        raise InputError(f"model {name!r} is unknown; known: {', '.join(sorted(MODELS))}.")
    return MODELS[name](cfg)


__all__ = ["AHAN", "FAAM", "HCA", "MODELS", "MobileFaceNet", "ViT", "build", "pair_attention"]
