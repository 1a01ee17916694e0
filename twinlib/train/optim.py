"""Optimiser groups and learning-rate schedules."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import nn

from twinlib import config
from twinlib.errors import InputError

POWERS = {"linear": 1, "polynomial": 2}  # schedules: of the share of the run that is left, as arcface_torch and TopoFR


def optimizer(modules: Iterable[nn.Module], cfg: config.Train) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD with momentum.

    Weight decay is on matrices and kernels, none on biases, norms and other vectors. `cfg.decays` sets another one for
    every parameter whose name begins so (the longest beginning wins), vectors too.

    Raises:
        InputError: if a beginning in `cfg.decays` fits no parameter.
    """
    named = [(name, p) for module in modules for name, p in module.named_parameters() if p.requires_grad]
    own = {prefix: [p for name, p in named if _longest(name, cfg.decays) == prefix] for prefix in cfg.decays}
    if unused := [prefix for prefix, parameters in own.items() if not parameters]:
        raise InputError(f"train.decays: no parameter's name begins with {unused[0]!r}.")
    rest = [p for name, p in named if _longest(name, cfg.decays) is None]
    groups = [
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": cfg.weight_decay},
        {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        *({"params": parameters, "weight_decay": cfg.decays[prefix]} for prefix, parameters in own.items()),
    ]
    if cfg.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=cfg.lr, momentum=cfg.momentum)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[cfg.optimizer](groups, lr=cfg.lr)


def frozen_parameters(net: nn.Module, part: str | None) -> list[nn.Parameter]:
    """Parameters that stand still: the backbone's, or those of its stem (patch embedding and positions).

    Raises:
        InputError: if the network has no such part.
    """
    if part is None:
        return []
    backbone = getattr(net, "backbone", nn.Module())
    named = dict(backbone.named_parameters())
    chosen = [p for name, p in named.items() if part == "backbone" or name.startswith(("patch_embed.", "pos_embed"))]
    if not chosen:
        raise InputError(f"train.frozen: {type(net).__name__} has no {part} to hold still.")
    return chosen


def _longest(name: str, prefixes: Iterable[str]) -> str | None:
    return max((prefix for prefix in prefixes if name.startswith(prefix)), key=len, default=None)


def learning_rate(step: int, steps: int, peak: float, warmup: int) -> float:
    """Linear warm-up, then half a cosine to 0; `step` counts from 0 to `steps` − 1."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def scheduled_rate(step: int, steps: int, cfg: config.Train, seen: Sequence[float]) -> float:
    """Learning rate of a step: linear warm-up, then by `cfg.schedule`.

    Args:
        step: from 0 to `steps` − 1.
        steps: of the run.
        cfg: peak, warm-up, schedule and what it needs.
        seen: validation values so far, higher is better; only `plateau` looks at them.
    """
    if step < cfg.warmup or cfg.schedule == "cosine":
        return learning_rate(step, steps, cfg.lr, cfg.warmup)
    if cfg.schedule in POWERS:
        return cfg.lr * (1 - (step - cfg.warmup) / max(1, steps - cfg.warmup)) ** POWERS[cfg.schedule]
    falls = {
        "constant": lambda: 0,
        "step": lambda: sum(step >= share * steps for share in cfg.milestones),
        "plateau": lambda: plateaus(seen, cfg.patience),
    }[cfg.schedule]()
    return cfg.lr * cfg.fall**falls


def plateaus(seen: Sequence[float], patience: int) -> int:
    """How often a value has not risen above the best before it for `patience` validations since the last time."""
    best, waited, count = -math.inf, 0, 0
    for value in seen:
        best, waited = (value, 0) if value > best else (best, waited + 1)
        if waited == patience:
            waited, count = 0, count + 1
    return count
