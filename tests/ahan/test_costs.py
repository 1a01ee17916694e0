from dataclasses import replace

import pandas as pd
import pytest
import torch

from benchmarks.ahan_costs import both, by_hand
from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.costs import cost_table, counted
from twinlib.ahan.vit import ViT
from twinlib.paths import results_dir

SMALL = config.AHAN(image_size=48, patch=8, width=24, depth=3, heads=2, mlp_ratio=2.0, embedding=8)
VARIANTS = {
    "plain": SMALL,
    "convolutional stem, grid head": replace(SMALL, stem="conv", head="grid"),
    "odd grid": replace(SMALL, image_size=56),
    "learned regions, norm": replace(SMALL, hca=config.HCA(find="learned"), faam=config.FAAM(norm="token")),
    "mean of tokens, places kept": replace(SMALL, image_size=56, head="mean", faam=config.FAAM(pool="places")),
    "base": replace(SMALL, hca=None, faam=None, pair=None),
    "always paired": replace(SMALL, pair=config.Pair(p=1.0, blocks=(1, 3))),
    "published": config.AHAN(),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_two_counts_agree(name):
    one, two = counted(VARIANTS[name]), by_hand(VARIANTS[name])
    assert list(one) == list(two)
    for module in one:
        assert one[module].parameters == two[module].parameters, module
        assert one[module].flops == pytest.approx(two[module].flops, rel=0.02), module


def test_every_parameter_is_in_one_module():
    model = AHAN(SMALL)
    assert sum(row.parameters for row in counted(SMALL).values()) == sum(p.numel() for p in model.parameters())


def test_vit_b16_with_ahan_stays_within_its_limits():
    table = cost_table(config.AHAN()).set_index("module")
    assert 100 < table.parameters_percent["AHAN"] <= 133
    assert 100 < table.flops_percent["AHAN"] <= 115
    assert table.parameters["TA-PWCA"] == 0
    # 17.6 thousand million multiply-adds are what the literature gives for ViT-B/16 at 224 px
    assert table.flops["backbone"] / 2 == pytest.approx(17.58e9, rel=0.01)


def test_the_base_is_the_plain_vit():
    table = cost_table(SMALL).set_index("module")
    with torch.device("meta"):
        base = sum(
            p.numel()
            for p in ViT(config.ViT(**{k: getattr(SMALL, k) for k in config.ViT.__dataclass_fields__})).parameters()
        )
    assert table.parameters["AHAN"] / base == pytest.approx(table.parameters_percent["AHAN"] / 100)


def test_the_stored_table_is_what_is_counted_now():
    stored = pd.read_csv(results_dir() / "benchmarks/ahan_costs.csv").query("network == 'cpu profile'")
    now = both(config.load("ahan", "cpu").model)
    pd.testing.assert_frame_equal(stored[now.columns].reset_index(drop=True), now, atol=0.01)
