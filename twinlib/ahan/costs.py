"""Parameters and floating-point operations of AHAN by module, counted twice: by PyTorch, and by hand from the sizes.

An operation is one multiplication or one addition, so a matrix product [n, m] · [m, k] costs 2 n m k. Only products and
convolutions count, as is the custom; one image, forward.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from twinlib import ahan
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.faam import PLACE_CHANNELS
from twinlib.ahan.ta_pwca import default_blocks
from twinlib.ahan.vit import GRID_CHANNELS
from twinlib.models.network import REGIONS


class Cost(NamedTuple):
    """What a module costs."""

    parameters: int
    flops: float | int  # one image, forward


def counted(cfg: ahan.AHAN) -> dict[str, Cost]:
    """Cost by module as `torch.utils.flop_counter` and the parameters themselves tell it.

    "TA-PWCA" is what pairing adds to a training forward on average; it is nothing in `eval`.
    """
    with torch.device("meta"):
        model = AHAN(cfg).eval()
        images, boxes = torch.empty(2, 3, cfg.image_size, cfg.image_size), torch.empty(2, REGIONS, 4)
        partner = torch.empty(2, dtype=torch.long)
    flops = _flops(model, images, boxes)
    modules = {"backbone": model.backbone, "HCA": model.hca, "FAAM": model.faam, "head": None}
    parameters = {name: sum(p.numel() for p in module.parameters()) for name, module in modules.items() if module}
    parameters["head"] = sum(p.numel() for p in model.parameters()) - sum(parameters.values())
    table = {name: Cost(parameters[name], flops[name]) for name in modules if name in parameters}
    if model.pair is not None:
        model.train()
        model.paired = model.candidates
        table["TA-PWCA"] = Cost(
            0, model.pair.p * (sum(_flops(model, images, boxes, partner).values()) - sum(flops.values()))
        )
    return table


def _flops(model: AHAN, images: Tensor, boxes: Tensor, partner: Tensor | None = None) -> dict[str, float | int]:
    """Operations of a forward pass for one image, by module; the backbone's are those of no other."""
    with FlopCounterMode(display=False) as counter:
        model(images, boxes, partner)
    told = {name: sum(of.values()) / len(images) for name, of in counter.get_flop_counts().items()}
    found = {label: told.get(f"AHAN.{name}", 0.0) for label, name in (("HCA", "hca"), ("FAAM", "faam"))}
    found["head"] = told.get("AHAN.embed", 0.0) + told.get("AHAN.reduce", 0.0)
    return {"backbone": told["Global"] - sum(found.values())} | found


def by_hand(cfg: ahan.AHAN) -> dict[str, Cost]:
    """The same from formulas in the sizes alone.

    With N patches, T = N + 1 tokens, width d, hidden width r d, q queries in R regions and M_s context tokens at scale
    s: a block costs 2 T (4 + 2 r) d² + 4 T² d; HCA at one scale 2 q (2 + r) d² + 2 R r d² + 4 M_s d² + 4 q M_s d;
    FAAM on halves of n places 14 n d² + 8 n² d, and 2 n d c where c numbers of each place are kept.
    """
    d, side = cfg.width, cfg.image_size // cfg.patch
    N, R = side**2, REGIONS
    stem = _conv_stem(cfg) if cfg.stem != "patch" else Cost(3 * cfg.patch**2 * d + d, 2 * N * 3 * cfg.patch**2 * d)
    block = _block(N + 1, d, cfg.mlp_ratio)
    table = {
        "backbone": Cost(
            stem.parameters + cfg.depth * block.parameters + (N + 2) * d + 2 * d, stem.flops + cfg.depth * block.flops
        )
    }
    descriptor = 0  # of FAAM
    if cfg.hca is not None:
        table["HCA"] = _hca(cfg.hca, d, side)
    if cfg.faam is not None:
        n = side * (side // 2)
        kept = PLACE_CHANNELS if cfg.faam.pool == "places" else 0
        table["FAAM"] = Cost(
            4 * d * d + 4 * d + 2 * d + (d if cfg.faam.norm == "token" else 0) + kept * d,
            14 * n * d**2 + 8 * n**2 * d + 2 * n * d * kept,
        )
        descriptor = kept * n or d
    g = GRID_CHANNELS * N if cfg.head == "grid" else d
    features = g + d * R * (cfg.hca is not None) + descriptor
    reduce = Cost(GRID_CHANNELS * (d + 1), 2 * N * d * GRID_CHANNELS) if cfg.head == "grid" else Cost(0, 0)
    table["head"] = Cost(features * cfg.embedding + 2 * cfg.embedding + reduce.parameters,
                         2 * features * cfg.embedding + reduce.flops)  # fmt: skip
    if cfg.pair is not None:
        blocks = len(cfg.pair.blocks or default_blocks(cfg.depth))
        table["TA-PWCA"] = Cost(0, cfg.pair.p * blocks * 4 * (N + 1) ** 2 * d)
    return table


def _block(T: int, d: int, r: float) -> Cost:
    """One transformer block on T tokens."""
    hidden = int(r * d)
    parameters = 4 * d * d + 4 * d + 2 * d * hidden + hidden + d + 4 * d
    return Cost(parameters, 2 * T * (4 * d * d + 2 * d * hidden) + 4 * T**2 * d)


def _hca(cfg: ahan.HCA, d: int, side: int) -> Cost:
    R, hidden = REGIONS, int(cfg.mlp_ratio * d)
    q = R * cfg.side**2
    parameters = R * d + len(cfg.scales) * (d + R)
    if cfg.find == "learned":
        parameters, flops = parameters + q * d, 2.0 * side**2 * q * d * 2
    else:
        flops = 2.0 * R * cfg.side * (side * side + cfg.side * side) * d
    for s in cfg.scales:
        M = (-(-side // s)) ** 2
        parameters += 4 * d * d + 4 * d + 2 * d * hidden + hidden + d + 6 * d
        flops += 2 * q * (2 * d * d + d * hidden) + 2 * R * hidden * d + 4 * M * d * d + 4 * q * M * d
    return Cost(parameters, flops)


def _conv_stem(cfg: ahan.AHAN) -> Cost:
    """The convolutional stem: a convolution a halving, a residual after the last two."""
    halvings, kernel = cfg.patch.bit_length() - 1, 16 if cfg.stem == "even" else 9
    widths = [3] + [max(cfg.width >> (halvings - i), cfg.width // 4) for i in range(1, halvings)] + [cfg.width]
    flops, parameters = 0, 0
    for i in range(halvings):
        places, c = (cfg.image_size >> (i + 1)) ** 2, widths[i + 1]
        convolutions = [kernel * widths[i] * c] + ([9 * c * c, 9 * c * c] if i >= halvings - 2 else [])
        flops += sum(2 * product * places for product in convolutions)
        parameters += sum(product + 2 * c for product in convolutions)
    return Cost(parameters, flops)


def cost_table(cfg: ahan.AHAN) -> pd.DataFrame:
    """Both counts side by side, a row a module, then AHAN as a whole.

    Returns:
        Columns module, parameters, parameters_by_hand, flops, flops_by_hand, and the shares (percent) of the base: a
        plain ViT of the same sizes with the same head. "TA-PWCA" is no part of the whole: it is gone after training.
    """
    base = counted(replace(cfg, hca=None, faam=None, pair=None))
    one, two = counted(cfg), by_hand(cfg)
    one, two = ({**table, "AHAN": _sum(table)} for table in (one, two))
    whole = _sum(base)
    rows = [
        {
            "module": name,
            "parameters": one[name].parameters,
            "parameters_by_hand": two[name].parameters,
            "flops": round(one[name].flops),
            "flops_by_hand": round(two[name].flops),
            "parameters_percent": 100 * one[name].parameters / whole.parameters,
            "flops_percent": 100 * one[name].flops / whole.flops,
        }
        for name in one
    ]
    return pd.DataFrame(rows)


def _sum(table: Mapping[str, Cost]) -> Cost:
    kept = [row for name, row in table.items() if name != "TA-PWCA"]
    return Cost(sum(row.parameters for row in kept), sum(row.flops for row in kept))
