"""Networks: aligned face crops in, one embedding an image out."""

from twinlib.errors import InputError
from twinlib.models.ahan import AHAN
from twinlib.models.dcal import DCAL
from twinlib.models.faam import FAAM
from twinlib.models.fpn import FPN
from twinlib.models.hca import HCA
from twinlib.models.iresnet import IResNet
from twinlib.models.local_global import LocalGlobal
from twinlib.models.mobilefacenet import MobileFaceNet
from twinlib.models.network import Network
from twinlib.models.shufflefacenet import ShuffleFaceNet
from twinlib.models.ta_pwca import pair_attention
from twinlib.models.transface import TransFace
from twinlib.models.transfg import TransFG
from twinlib.models.vargfacenet import VarGFaceNet
from twinlib.models.vit import ViT

MODELS: dict[str, type[Network]] = {
    "vit": ViT,
    "ahan": AHAN,
    "mobilefacenet": MobileFaceNet,
    "iresnet": IResNet,
    "shufflefacenet": ShuffleFaceNet,
    "vargfacenet": VarGFaceNet,
    "fpn": FPN,
    "local_global": LocalGlobal,
    "transface": TransFace,
    "transfg": TransFG,
    "dcal": DCAL,
}


def build(name: str, cfg: object) -> Network:
    """Build a network from its registry name and its config dataclass.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if name not in MODELS:
        raise InputError(f"model {name!r} is unknown; known: {', '.join(sorted(MODELS))}.")
    return MODELS[name](cfg)


__all__ = [
    "AHAN",
    "DCAL",
    "FAAM",
    "FPN",
    "HCA",
    "MODELS",
    "IResNet",
    "LocalGlobal",
    "MobileFaceNet",
    "ShuffleFaceNet",
    "TransFG",
    "TransFace",
    "VarGFaceNet",
    "ViT",
    "build",
    "pair_attention",
]
