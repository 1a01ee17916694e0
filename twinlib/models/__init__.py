"""Networks: aligned face crops in, one embedding an image out."""

from torch import nn

from twinlib.registry import Registry

MODELS: Registry[type[nn.Module]] = Registry(
    "model",
    {
        "vit": "twinlib.ahan.vit:ViT",
        "ahan": "twinlib.ahan.ahan:AHAN",
        "mobilefacenet": "twinlib.models.mobilefacenet:MobileFaceNet",
        "iresnet": "twinlib.models.iresnet:IResNet",
        "shufflefacenet": "twinlib.models.shufflefacenet:ShuffleFaceNet",
        "vargfacenet": "twinlib.models.vargfacenet:VarGFaceNet",
        "fpn": "twinlib.methods.miao.fpn:FPN",
        "local_global": "twinlib.methods.ndtwin.local_global:LocalGlobal",
        "transface": "twinlib.methods.transface.transface:TransFace",
        "transfg": "twinlib.methods.transfg.transfg:TransFG",
        "dcal": "twinlib.methods.dcal.dcal:DCAL",
    },
)


def build(name: str, cfg: object) -> Network:
    """Build a network from its registry name and its config dataclass.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    return MODELS[name](cfg)
