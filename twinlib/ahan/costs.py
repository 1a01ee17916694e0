"""Parameters and floating-point operations of AHAN by module, counted by PyTorch.

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


def cost_table(cfg: ahan.AHAN) -> pd.DataFrame:
    """Costs, a row for each module, then AHAN as a whole.

    Returns:
        Columns module, parameters, flops, and the shares (percent) of the base: a plain ViT of the same sizes with the
        same head. "TA-PWCA" is no part of the whole: it is gone after training.
    """
    whole = total(counted(replace(cfg, hca=None, faam=None, pair=None)))
    one = counted(cfg)
    one["AHAN"] = total(one)
    rows = [
        {
            "module": name,
            "parameters": one[name].parameters,
            "flops": round(one[name].flops),
            "parameters_percent": 100 * one[name].parameters / whole.parameters,
            "flops_percent": 100 * one[name].flops / whole.flops,
        }
        for name in one
    ]
    return pd.DataFrame(rows)


def total(table: Mapping[str, Cost]) -> Cost:
    """Sum over the modules that a trained network has."""
    kept = [row for name, row in table.items() if name != "TA-PWCA"]
    return Cost(sum(row.parameters for row in kept), sum(row.flops for row in kept))
