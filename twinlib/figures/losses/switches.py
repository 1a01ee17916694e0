"""What papers and released codes disagree on, both ways, on one and the same batch."""

from collections.abc import Iterator
from typing import Literal

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from twinlib import losses
from twinlib.losses.adaface import AdaFace
from twinlib.losses.arcface import ArcFace
from twinlib.losses.head import Head
from twinlib.losses.magface import MagFace
from twinlib.losses.triplet import OVER, twin_triplet
from twinlib.methods import ndtwin, symface
from twinlib.methods.ndtwin.ndtwin import Features, ndtwin_loss
from twinlib.methods.symface.symface import Pull
from twinlib.methods.topofr.ptsa import FORMS, alignment
from twinlib.methods.topofr.rsp import perturb
from twinlib.methods.topofr.sde import structure_damage
from twinlib.methods.transface.dpap import mix_amplitude
from twinlib.methods.transface.ehsm import INFORMATION, ehsm_weight

B, WIDTH, CLASSES = 48, 64, 12
Choice = tuple[str, str, str, float]  # loss, switch, choice, value


def switches(images: Tensor, seed: int = 0) -> pd.DataFrame:
    """Value of each loss on one batch under each choice of each switch.

    Args:
        images: 48 × 3 × H × W in [-1, 1], for the losses that look at pictures.
        seed: of the embeddings.

    Returns:
        Columns loss, switch, choice (`field: value` of its settings) and value; rows of one switch stand together.
    """
    rng = torch.Generator().manual_seed(seed)
    label = torch.arange(B) % CLASSES
    centres = torch.randn(CLASSES, WIDTH, generator=rng)
    e = 3 * centres[label] / centres[label].norm(dim=1, keepdim=True) + 0.25 * torch.randn(B, WIDTH, generator=rng)
    e = 10 * e
    e[0] = -30 * normalize(centres[:1])[0] + 0.1 * e[0]  # a mislabelled face, opposite of its class
    rows = [*_heads(e, label, centres), *_topology(e, label, centres, images, rng), *_pairs(e, label, rng)]
    table = pd.DataFrame([*rows, *_pixels(images, rng)], columns=["loss", "switch", "choice", "value"])
    together = table.groupby(["loss", "switch"], sort=False).ngroup()
    return table.iloc[together.argsort(kind="stable")].reset_index(drop=True)


def _with(head: Head, centres: Tensor) -> Head:
    head.weight.data.copy_(centres)
    return head


def _heads(e: Tensor, label: Tensor, centres: Tensor) -> Iterator[Choice]:
    choices: tuple[Literal["fallback", "insight", "clip"], ...] = ("fallback", "insight", "clip")
    for past_pi in choices:
        head = _with(ArcFace(losses.ArcFace(s=16.0, past_pi=past_pi), WIDTH, CLASSES), centres)
        leaf = e.clone().requires_grad_()
        loss = head(leaf, label)
        [slope] = torch.autograd.grad(loss, leaf)
        yield "ArcFace", "a face opposite of its class", f"past_pi: {past_pi}", loss.item()
        yield "ArcFace", "gradient on an ordinary face", f"past_pi: {past_pi}", float(slope[1].norm())
    for start in ("paper", "measured"):
        head = _with(AdaFace(losses.AdaFace(s=16.0, start=start), WIDTH, CLASSES), centres)
        yield "AdaFace", "statistics before the first batch", f"start: {start}", head(e, label).item()
    for form in ("head", "cvlface"):
        head = _with(AdaFace(losses.AdaFace(s=16.0, start="measured", form=form), WIDTH, CLASSES), centres)
        yield "AdaFace", "clips and derivative", f"form: {form}", head(e, label).item()
    for easy in (True, False):
        head = _with(MagFace(losses.MagFace(s=16.0, easy=easy), WIDTH, CLASSES), centres)
        yield "MagFace", "margin beyond 90°", f"easy: {str(easy).lower()}", head(e, label).item()


def _topology(e: Tensor, label: Tensor, centres: Tensor, images: Tensor, rng: torch.Generator) -> Iterator[Choice]:
    for form in FORMS:
        yield "TopoFR", "alignment", f"form: {form}", alignment(images, e, form).item()
    for name, seen in (("before the perturbation", images), ("after it", perturb(images, rng, 0.2))):
        yield "TopoFR", "which images are aligned with", name, alignment(seen, e).item()
    logits = _with(ArcFace(losses.ArcFace(s=16.0), WIDTH, CLASSES), centres).logits(e, label)
    ce = cross_entropy(logits, label, reduction="none").detach()
    for form in ("paper", "code"):
        loss = (structure_damage(logits, label, form) * ce).mean()
        yield "TopoFR", "score of a sample", f"damage: {form}", loss.item()
    for sign in ("position", "none"):
        loss = (structure_damage(logits, label, "paper", sign) * ce).mean()
        yield "TopoFR", "sign of the entropies", f"sign: {sign}", loss.item()


def _pairs(e: Tensor, label: Tensor, rng: torch.Generator) -> Iterator[Choice]:
    lonely = torch.where(torch.arange(B) < 6, CLASSES + torch.arange(B), label)
    for over in OVER:
        yield "triplet", "what the mean runs over", f"over: {over}", twin_triplet(e, lonely, lonely, 0.5, over).item()
    a, b = (Features(e[i::2], e[i::2, :32], e[i::2, 32:], torch.rand(B // 2, 1, 7, 7, generator=rng)) for i in (0, 1))
    one, other = label[0::2], torch.where(torch.arange(B // 2) % 2 == 0, label[0::2], label[1::2])
    for kind in ("triplet", "triplet_code"):
        loss = ndtwin_loss(a, b, one == other, ndtwin.NDTwin(kind=kind), torch.cat([one, other]))
        yield "NDTWIN", "labels of the triplet", f"kind: {kind}", loss.item()
    for train in (True, False):
        fused = a.fused.clone().requires_grad_()
        loss = ndtwin_loss(a._replace(fused=fused), b, one == other, ndtwin.NDTwin(margin=100.0, train_embedding=train))
        (grad,) = torch.autograd.grad(loss, fused, allow_unused=True) if loss.requires_grad else (None,)
        reached = 0.0 if grad is None else float(grad.norm())
        yield "NDTWIN", "gradient on the embedding", f"train_embedding: {str(train).lower()}", reached
    rho = torch.linspace(0.2, 1, 4)
    for unit in (False, True):
        loss = Pull(symface.SymFace(unit=unit), 10, 40)
        yield "SymFace", "length of the embeddings", f"unit: {str(unit).lower()}", loss(e[:4], e[4:8], rho).item()
    for scale in ("epoch", "batch"):
        loss = Pull(symface.SymFace(scale=scale), 10, 40)
        yield "SymFace", "what the sum is divided by", f"scale: {scale}", loss(e[:3], e[4:7], rho[:3]).item()


def _pixels(images: Tensor, rng: torch.Generator) -> Iterator[Choice]:
    tokens = 0.4 * torch.randn(B, 20, 16, generator=rng)
    for information in INFORMATION:
        mean = ehsm_weight(tokens, information).mean().item()
        yield "TransFace", "information of a token: mean weight", f"information: {information}", mean
    patches = (127.5 * (images[:, :, 50:59, 50:59] + 1)).round().movedim(1, 3)
    for whole in (False, True):
        shift = mix_amplitude(patches, patches, torch.zeros(B), whole) - patches
        yield "TransFace", "rounding of mixed pixels: mean shift", f"whole: {str(whole).lower()}", shift.mean().item()
