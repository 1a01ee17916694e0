"""Losses: formulas as free functions, modules that own the class centres around them."""

from twinlib.losses.head import Head, NoHead
from twinlib.registry import Registry

LOSSES: Registry[type[Head]] = Registry(
    "loss",
    {
        "arcface": "twinlib.losses.arcface:ArcFace",
        "cosface": "twinlib.losses.cosface:CosFace",
        "sphereface": "twinlib.losses.sphereface:SphereFace",
        "adaface": "twinlib.losses.adaface:AdaFace",
        "magface": "twinlib.losses.magface:MagFace",
        "topofr": "twinlib.methods.topofr.sde:TopoFR",
    },
)


def build(name: str, cfg: object, width: int, classes: int) -> Head | NoHead:
    """Build a classification loss from its registry name and its config dataclass.

    Args:
        name: registry name; none gives a head that adds nothing.
        cfg: its config dataclass.
        width: size of the embedding.
        classes: number of identities in the training set.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if name == "none":
        return NoHead()
    return LOSSES[name](cfg, width, classes)
