import itertools
import math

import pytest
import torch
from torch import nn

from twinlib import config
from twinlib.errors import InputError
from twinlib.train.optim import frozen_parameters, learning_rate, optimizer, plateaus, scheduled_rate


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


def test_steps_fall_at_shares_of_the_run_after_a_warm_up():
    cfg = config.Train(schedule="step", milestones=(0.5, 0.8), fall=0.1, lr=2.0, warmup=4)
    rates = [scheduled_rate(step, 20, cfg, []) for step in range(20)]
    assert rates == pytest.approx([0.5, 1.0, 1.5, 2.0] + [2.0] * 6 + [0.2] * 6 + [0.02] * 4)


def test_cosine_is_the_rate_there_was_and_constant_stays():
    cfg = config.Train(lr=2.0, warmup=3)
    assert all(scheduled_rate(step, 20, cfg, []) == learning_rate(step, 20, 2.0, 3) for step in range(20))
    assert scheduled_rate(19, 20, config.Train(schedule="constant", lr=2.0), []) == 2.0


def test_a_power_of_what_is_left_of_the_run():
    for name, power in (("linear", 1), ("polynomial", 2)):
        cfg = config.Train(schedule=name, lr=2.0, warmup=2)
        rates = [scheduled_rate(step, 10, cfg, []) for step in range(10)]
        assert rates == pytest.approx([1.0, 2.0, *(2.0 * (left / 8) ** power for left in range(8, 0, -1))])


def test_a_plateau_falls_after_so_many_validations_without_a_rise():
    cfg = config.Train(schedule="plateau", patience=2, fall=0.5, lr=1.0)
    seen = [0.6, 0.7, 0.7, 0.65, 0.71, 0.7, 0.7, 0.71, 0.71]
    assert [plateaus(seen[:n], 2) for n in range(10)] == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]
    assert scheduled_rate(5, 10, cfg, seen) == 0.125


def test_a_name_decides_its_own_decay_and_the_longest_beginning_wins():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4))
    opt = optimizer((net,), config.Train(optimizer="sgd", momentum=0.8, weight_decay=0.1, decays={"": 0.2, "1.w": 0.3}))
    assert isinstance(opt, torch.optim.SGD)
    assert opt.defaults["momentum"] == 0.8
    decay = {id(p): group["weight_decay"] for group in opt.param_groups for p in group["params"]}
    assert [decay[id(p)] for p in net.parameters()] == [0.2, 0.2, 0.3, 0.2]
    with pytest.raises(InputError, match="begins with 'head'"):
        optimizer((net,), config.Train(decays={"head": 0.0}))


def test_what_stands_still_is_the_backbone_or_its_stem():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone = nn.ModuleDict({"patch_embed": nn.Linear(2, 2), "blocks": nn.Linear(2, 2)})
            self.embed = nn.Linear(2, 2)

    net = Net()
    assert frozen_parameters(net, None) == []
    assert len(frozen_parameters(net, "stem")) == 2
    assert len(frozen_parameters(net, "backbone")) == 4
    with pytest.raises(InputError, match=r"train\.frozen: Linear has no stem"):
        frozen_parameters(net.embed, "stem")
