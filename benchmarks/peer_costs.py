"""Parameters and operations of the peers' networks beside the published ones -> results/benchmarks/peer_costs.csv.

Counted on shapes alone, one image, forward, in `eval`. An operation is one multiplication or one addition; sources that
count a multiplication with its addition as one are doubled here. Run: `python benchmarks/peer_costs.py`.
"""

import math

import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from twinlib import config, files, paths

SYMFACE = "SymFace, section 4.2"
SEESAW = "SeesawFaceNets, abstract (multiply-adds, doubled)"
# Row: our settings, published parameters in millions, published operations in billions, who says so.
ROWS = {
    "MobileFaceNet 112 × 96": (config.MobileFaceNet(narrow=True), 0.99, math.nan, SYMFACE),
    "MobileFaceNet 112 × 112": (config.MobileFaceNet(), 0.99, 2 * 0.221, f"{SYMFACE}; {SEESAW}"),
    "MobileFaceNet, ReLU6 form": (config.MobileFaceNet(form="relu6"), math.nan, math.nan, ""),
    "ShuffleFaceNet × 1.5": (config.ShuffleFaceNet(), 2.6, math.nan, SYMFACE),
    "VarGFaceNet": (config.VarGFaceNet(), math.nan, 1.022, "README of its code (1022 M)"),
    "IResNet-18": (config.IResNet(depth=18), math.nan, math.nan, ""),
    "IResNet-50": (config.IResNet(depth=50), math.nan, math.nan, ""),
    "IResNet-100": (config.IResNet(), 65.0, 2 * 12.0, SEESAW),
    "ResNet-50, no pyramid (Miao)": (config.FPN(level="none"), math.nan, math.nan, ""),
    "ResNet-50 + pyramid, p5 (Miao)": (config.FPN(), math.nan, math.nan, ""),
    "Local-global, ResNet-50, CBAM": (config.LocalGlobal(), math.nan, math.nan, ""),
    "Local-global, ResNet-101, CBAM": (config.LocalGlobal(backbone="resnet101"), math.nan, math.nan, ""),
    "Local-global, EfficientNet-B0, CBAM": (config.LocalGlobal(backbone="efficientnet_b0"), math.nan, math.nan, ""),
    "TransFace-S": (config.TransFace(), math.nan, math.nan, ""),
    "TransFG, ViT-B/16, 448 px": (config.TransFG(), math.nan, math.nan, ""),
    "DCAL, ViT-B/16, 256 px": (config.DCAL(), math.nan, math.nan, ""),
    "ViT-B/16, 224 px": (config.ViT(), math.nan, math.nan, ""),
}


def cost(settings: object) -> tuple[float, float]:
    """Millions of parameters and billions of operations."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        net = config.MODELS.build(settings).eval()
        size, columns = net.preprocess.size, net.preprocess.columns or (0, net.preprocess.size)
        net(torch.empty(1, 3, size, columns[1] - columns[0]))
    return sum(p.numel() for p in net.parameters()) / 1e6, counter.get_total_flops() / 1e9


def main() -> None:
    """Count every row and write the table."""
    rows = []
    for row, (settings, parameters, operations, source) in ROWS.items():
        millions, billions = cost(settings)
        rows.append((row, millions, parameters, billions, operations, source))
    columns = ["network", "parameters_m", "published_parameters_m", "gflops", "published_gflops", "published_by"]
    table = pd.DataFrame(rows, columns=columns).round(4)
    files.write_text(paths.results_dir() / "benchmarks/peer_costs.csv", table.to_csv(index=False))
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
