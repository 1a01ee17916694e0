"""What a head makes of the true class alone, as a function of the angle; and the force it puts between two twins."""

import math
from collections.abc import Callable, Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from twinlib import losses
from twinlib.losses.adaface import EPS, adaface_logits
from twinlib.losses.arcface import PAST_PI, arcface_logits
from twinlib.losses.contrastive import batch_contrastive, contrastive
from twinlib.losses.cosface import cosface_logits
from twinlib.losses.magface import margin, with_margin
from twinlib.losses.sphereface import sphereface_logits
from twinlib.losses.triplet import twin_triplet

# Cosines and true classes to logits at scale 1.
Logits = Callable[[Float[Tensor, "B C"], Int[Tensor, " B"]], Float[Tensor, "B C"]]
MAGFACE = losses.MagFace()


def adaface(k: float) -> Logits:
    """AdaFace at m = 0.4 for embeddings whose scaler is k."""
    return lambda c, y: adaface_logits(c, y, torch.full((len(c),), k, dtype=c.dtype), 1.0, 0.4)


def magface(a: float, easy: bool = True) -> Logits:
    """MagFace's defaults for embeddings of length a."""

    def logits(c: Tensor, y: Tensor) -> Tensor:
        m = margin(torch.full((len(c),), a, dtype=c.dtype), MAGFACE)
        return c.scatter(1, y[:, None], with_margin(c.gather(1, y[:, None]), m[:, None], easy))

    return logits


HEADS: dict[str, Logits] = {
    "plain softmax": lambda c, y: c,
    "ArcFace": lambda c, y: arcface_logits(c, y, 1.0, 0.5),
    "CosFace": lambda c, y: cosface_logits(c, y, 1.0, 0.4),
    "SphereFace": lambda c, y: sphereface_logits(c, y, 1.0, 4, 1.0),
    "AdaFace, mean length": adaface(0.0),
    "MagFace, length 60": magface(60.0),
}
ARCFACES: dict[str, Logits] = {name: (lambda c, y, name=name: arcface_logits(c, y, 1.0, 0.5, name)) for name in PAST_PI}


def target(logits: Logits, theta: Float[Tensor, " T"]) -> tuple[Float[Tensor, " T"], Float[Tensor, " T"]]:
    """Target logit over s, and the derivative that training sees with respect to the angle, at each angle.

    Args:
        logits: at scale 1.
        theta: angle to the true class's centre, radians.
    """
    theta = theta.double().requires_grad_()
    value = logits(theta.cos()[:, None], torch.zeros(len(theta), dtype=torch.long))[:, 0]
    (slope,) = torch.autograd.grad(value.sum(), theta)
    return value.detach(), slope


def force_of_heads(
    heads: Mapping[str, Logits], phi: Float[Tensor, " T"], apart: float
) -> dict[str, Float[Tensor, " T"]]:
    """Force along the circle on an embedding between the centres of two twin classes, by head, at scale 64.

    Of 600 classes the others are at a right angle to both.

    Args:
        heads: by name, at scale 1.
        phi: angle from its own class's centre towards the twin's, radians.
        apart: angle between the two centres, radians.

    Returns:
        Derivative of the loss with respect to phi: positive where the embedding is pulled back to its own centre.
    """
    found = {}
    for name, logits in heads.items():
        at = phi.double().requires_grad_()
        cos = torch.cat([at.cos()[:, None], (apart - at).cos()[:, None], at.new_zeros(len(at), 598)], dim=1)
        label = torch.zeros(len(at), dtype=torch.long)
        loss = cross_entropy(64.0 * logits(cos, label), label, reduction="sum")
        (found[name],) = torch.autograd.grad(loss, at)
    return found


def force_of_pairs(delta: Float[Tensor, " T"]) -> dict[str, Float[Tensor, " T"]]:
    """Force that drives the embeddings of two twins apart, by loss, as a function of the angle between them.

    Args:
        delta: angle, radians. Two unit embeddings a twin: the second pair at ±2° of the first.

    Returns:
        Minus the derivative of each loss with respect to delta, at weight 1 and the losses' own margins.
    """
    losses: dict[str, Callable[[Tensor], Tensor]] = {
        "twin triplet, m = 0.5": lambda e: twin_triplet(
            e, torch.tensor([0, 0, 1, 1]), torch.zeros(4, dtype=torch.long)
        ),
        "TransFG contrastive, m = 0.4": lambda e: batch_contrastive(e, torch.tensor([0, 0, 1, 1])),
        "NDTWIN contrastive, m = 1": lambda e: contrastive(e[:2], e[2:], torch.tensor([False, False])),
    }
    found: dict[str, list[Tensor]] = {name: [] for name in losses}
    spread = math.radians(2) * torch.tensor([-1.0, 1.0, -1.0, 1.0], dtype=torch.double)
    for value in delta.double():
        for name, loss in losses.items():
            at = value.clone().requires_grad_()
            angle = torch.stack([at * 0, at * 0, at, at]) + spread
            (slope,) = torch.autograd.grad(loss(torch.stack([angle.cos(), angle.sin()], 1)), at)
            found[name].append(-slope)
    return {name: torch.stack(forces) for name, forces in found.items()}


def adaface_start(true_mean: float, true_std: float, batches: int, t_alpha: float = 0.01) -> dict[str, Tensor]:
    """Scaler k of an embedding one deviation longer than the mean, batch by batch, from either start of AdaFace.

    Args:
        true_mean: of the lengths, constant over the batches.
        true_std: their standard deviation.
        batches: how many.
        t_alpha: weight of the newest batch.
    """
    found = {}
    for name, mean, std in (("paper: 20 and 100", 20.0, 100.0), ("measured", true_mean, true_std)):
        kept = (1 - t_alpha) ** torch.arange(1, batches + 1)  # weight of the start after each batch
        running = true_std + kept * (std - true_std) + EPS
        found[name] = (0.333 * (true_std + kept * (true_mean - mean)) / running).clamp(-1, 1)
    return found
