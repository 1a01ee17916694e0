"""Losses: formulas as free functions, modules that own the class centres around them."""

from twinlib.errors import InputError
from twinlib.losses.adaface import AdaFace, adaface_logits
from twinlib.losses.alignment import Alignment, alignment
from twinlib.losses.arcface import ArcFace, arcface_logits
from twinlib.losses.contrastive import batch_contrastive, contrastive
from twinlib.losses.cosface import CosFace, cosface_logits
from twinlib.losses.dcal import Uncertainty, uncertainty_weighted
from twinlib.losses.dpap import dpap, mix_amplitude
from twinlib.losses.halves import Epoch, epoch, split_at
from twinlib.losses.head import Head, NoHead
from twinlib.losses.magface import MagFace
from twinlib.losses.ndtwin import Features, ndtwin_loss
from twinlib.losses.sphereface import SphereFace, sphereface_logits
from twinlib.losses.symface import SymFace, face_weight, frontness
from twinlib.losses.term import StepView, Term
from twinlib.losses.terms import TERMS, build_terms
from twinlib.losses.topofr import TopoFR, structure_damage
from twinlib.losses.transface import ehsm_loss, ehsm_weight
from twinlib.losses.triplet import twin_triplet

LOSSES: dict[str, type[Head]] = {
    "arcface": ArcFace,
    "cosface": CosFace,
    "sphereface": SphereFace,
    "adaface": AdaFace,
    "magface": MagFace,
    "topofr": TopoFR,
}


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
    if name not in LOSSES:
        raise InputError(f"loss {name!r} is unknown; known: {', '.join(sorted(LOSSES))}.")
    return LOSSES[name](cfg, width, classes)  # type: ignore[arg-type]


__all__ = [
    "LOSSES",
    "TERMS",
    "AdaFace",
    "Alignment",
    "ArcFace",
    "CosFace",
    "Epoch",
    "Features",
    "Head",
    "MagFace",
    "NoHead",
    "SphereFace",
    "StepView",
    "SymFace",
    "Term",
    "TopoFR",
    "Uncertainty",
    "adaface_logits",
    "alignment",
    "arcface_logits",
    "batch_contrastive",
    "build",
    "build_terms",
    "contrastive",
    "cosface_logits",
    "dpap",
    "ehsm_loss",
    "ehsm_weight",
    "epoch",
    "face_weight",
    "frontness",
    "mix_amplitude",
    "ndtwin_loss",
    "sphereface_logits",
    "split_at",
    "structure_damage",
    "twin_triplet",
    "uncertainty_weighted",
]
