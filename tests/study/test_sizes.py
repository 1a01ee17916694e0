"""Rows of the main table are as large as AHAN, within a quarter of its multiply-adds."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from twinlib import config


def multiply_adds(name):
    cfg = config.load(name, "cpu").model
    net = config.MODELS.build(cfg).eval()
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        net(torch.zeros(1, 3, cfg.image_size, cfg.image_size))
    return counted.get_total_flops() / 2


@pytest.mark.parametrize("name", ["vit", "vit_grid", "arcface", "magface", "transface", "transfg", "dcal"])
def test_a_row_of_the_main_table_is_within_a_quarter_of_ahan(name):
    assert multiply_adds(name) == pytest.approx(multiply_adds("ahan"), rel=0.25)
