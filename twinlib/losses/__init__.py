"""Losses: formulas as free functions, modules that own the class centres around them."""

from twinlib.errors import InputError
from twinlib.losses.arcface import ArcFace, arcface_logits
from twinlib.losses.triplet import twin_triplet

LOSSES = {"arcface": ArcFace}


def build(name: str, cfg: object, width: int, classes: int) -> ArcFace:
    """Build a classification loss from its registry name and its config dataclass.

    Args:
        name: registry name.
        cfg: its config dataclass.
        width: size of the embedding.
        classes: number of identities in the training set.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if name not in LOSSES:
        raise InputError(f"loss {name!r} is unknown; known: {', '.join(sorted(LOSSES))}.")
    return LOSSES[name](cfg, width, classes)


__all__ = ["LOSSES", "ArcFace", "arcface_logits", "build", "twin_triplet"]
