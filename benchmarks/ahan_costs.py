"""Parameters and operations of AHAN by module, counted twice -> results/benchmarks/ahan_costs.csv.

Run: `python benchmarks/ahan_costs.py`; nothing is timed, so the machine does not matter.
"""

import pandas as pd

from twinlib import ahan, config
from twinlib.ahan.costs import Cost, cost_table, total
from twinlib.ahan.faam import PLACE_CHANNELS
from twinlib.ahan.ta_pwca import default_blocks
from twinlib.ahan.vit import GRID_CHANNELS
from twinlib.files import write_text
from twinlib.models.network import REGIONS
from twinlib.paths import results_dir


def both(cfg: ahan.AHAN) -> pd.DataFrame:
    """Both counts side by side."""
    table, hand = cost_table(cfg), by_hand(cfg)
    hand["AHAN"] = total(hand)
    table.insert(2, "parameters_by_hand", [hand[name].parameters for name in table["module"]])
    table.insert(4, "flops_by_hand", [round(hand[name].flops) for name in table["module"]])
    return table


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


def main() -> None:
    networks = {"ViT-B/16, 224 px": config.AHAN(), "cpu profile": config.load("ahan", "cpu").model}
    tables = [both(cfg).assign(network=name) for name, cfg in networks.items()]
    table = pd.concat(tables)[["network", *tables[0].columns.drop("network")]]
    write_text(
        results_dir() / "benchmarks/ahan_costs.csv",
        table.to_csv(index=False, float_format="%.2f", lineterminator="\n"),
    )
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
