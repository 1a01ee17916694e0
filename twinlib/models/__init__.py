"""Networks: aligned face crops in, one embedding an image out."""

from twinlib.errors import InputError
from twinlib.models.vit import ViT

MODELS = {"vit": ViT}


def build(name: str, cfg: object) -> ViT:
    """Build a network from its registry name and its config dataclass.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if name not in MODELS:
        raise InputError(f"model {name!r} is unknown; known: {', '.join(sorted(MODELS))}.")
    return MODELS[name](cfg)


__all__ = ["MODELS", "ViT", "build"]
