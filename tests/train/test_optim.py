import itertools
import math

import pytest
import torch
from torch import nn

from twinlib import config
from twinlib.train.optim import learning_rate, optimizer


def test_warm_up_then_cosine_to_zero():
    rates = [learning_rate(step, 100, 2.0, 10) for step in range(100)]
    assert rates[:10] == pytest.approx([0.2 * (i + 1) for i in range(10)])
    assert rates[10] == 2.0
    assert rates[55] == pytest.approx(1.0)
    assert all(a > b for a, b in itertools.pairwise(rates[10:]))
    assert rates[99] == pytest.approx(2.0 * 0.5 * (1 + math.cos(math.pi * 89 / 90)))


def test_decay_is_for_matrices_only():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    opt = optimizer((net,), config.Train(optimizer="adamw", weight_decay=0.1))
    decayed, free = ({id(p) for p in group["params"]} for group in opt.param_groups)
    assert decayed == {id(net[0].weight), id(net[2].weight)}
    assert free == {id(p) for p in net.parameters()} - decayed
    assert [group["weight_decay"] for group in opt.param_groups] == [0.1, 0.0]


def test_frozen_parameters_stay_out():
    net = nn.Linear(2, 2)
    net.weight.requires_grad_(False)
    assert sum(len(g["params"]) for g in optimizer((net,), config.Train()).param_groups) == 1
    assert isinstance(optimizer((net,), config.Train(optimizer="adam")), torch.optim.Adam)
