"""Optimiser groups and the learning-rate schedule."""

import math
from collections.abc import Iterable

import torch
from torch import nn

from twinlib import config

OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def optimizer(modules: Iterable[nn.Module], cfg: config.Train) -> torch.optim.Optimizer:
    """Adam or AdamW; weight decay on matrices and kernels, none on biases, norms and other vectors."""
    parameters = [p for module in modules for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": cfg.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return OPTIMIZERS[cfg.optimizer](groups, lr=cfg.lr)


def learning_rate(step: int, steps: int, peak: float, warmup: int) -> float:
    """Linear warm-up, then half a cosine to 0; `step` counts from 0 to `steps` − 1."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
