import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from train_fixtures import colours, tiny

from twinlib import arithmetic
from twinlib.ahan.ahan import AHAN
from twinlib.errors import InputError
from twinlib.train import engine
from twinlib.train.batches import Batches
from twinlib.train.loop import train

TESTS = Path(__file__).parents[1]


def weights(tmp_path, *overrides, name="vit"):
    return train(tiny(name, *overrides), colours(), "r", tmp_path, "cpu").model.state_dict()


def test_the_gradient_is_clipped_to_the_norm_asked_for(tmp_path, monkeypatch):
    norms = []
    original = engine.clip_grads_with_norm_

    def spy(parameters, limit, norm):
        original(parameters, limit, norm)
        norms.append(float(torch.stack([p.grad.norm() for p in parameters if p.grad is not None]).norm()))

    monkeypatch.setattr(engine, "clip_grads_with_norm_", spy)
    weights(tmp_path, "train.clip=0.01")
    assert len(norms) == 12
    assert max(norms) == pytest.approx(0.01, rel=1e-3)


def test_a_backbone_that_stands_still_for_half_the_run_moves_after_it(tmp_path, monkeypatch):
    seen = []
    original = engine.Engine._update

    def spy(self, step):
        original(self, step)
        seen.append(self.model.backbone.cls_token.detach().clone())

    monkeypatch.setattr(engine.Engine, "_update", spy)
    weights(tmp_path, "train.frozen=backbone", "train.frozen_for=0.5")
    moved = [not torch.equal(a, b) for a, b in pairwise(seen)]
    assert moved == [False] * 5 + [True] * 6


def test_the_network_is_compiled_if_asked_for(tmp_path, monkeypatch):
    calls = []

    def fake(net):
        calls.append(net)
        return net

    monkeypatch.setattr(torch, "compile", fake)
    plain = weights(tmp_path / "a")
    assert calls == []
    compiled = weights(tmp_path / "b", "train.compile=true")
    assert len(calls) == 1
    assert all(torch.equal(plain[key], compiled[key]) for key in plain)


ONE_GRAPH = """
import torch
from train_fixtures import tiny
from twinlib import config
net = config.MODELS.build(tiny("ahan").model).eval()
images, boxes = torch.rand(2, 3, 16, 16), torch.rand(2, 4, 4).sort(-1).values
with torch.no_grad():
    whole = torch.compile(net, backend="eager", fullgraph=True)(images, boxes)
    torch.testing.assert_close(whole, net(images, boxes))
"""


@pytest.mark.slow
def test_ahan_in_eval_compiles_to_one_graph():
    """`fullgraph` refuses a break. In a process of its own: the checks of shapes under pytest are breaks themselves."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent), str(TESTS.parent / "data_prep")])
    }
    done = subprocess.run(
        [sys.executable, "-c", ONE_GRAPH], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_noise_follows_from_seed_and_number(tmp_path, monkeypatch):
    drawn = []
    original = Batches.__call__
    monkeypatch.setattr(Batches, "__call__", lambda self, n: (torch.rand(n + 1), original(self, n))[1])
    forward = engine.Engine._forward

    def spy(self, batch, number, done):
        view = forward(self, batch, number, done)
        drawn.append(float(torch.rand(())))
        return view

    monkeypatch.setattr(engine.Engine, "_forward", spy)
    weights(tmp_path / "a", "train.passes=32", "train.warmup=0")
    monkeypatch.setattr(Batches, "__call__", original)  # other draws outside change nothing
    weights(tmp_path / "b", "train.passes=32", "train.warmup=0")
    assert drawn[:4] == drawn[4:]
    assert len(set(drawn)) == 4


def test_a_network_without_the_part_that_shall_stand_still_is_refused(tmp_path):
    bare = tiny("vit", "train.frozen=stem")
    original = engine.frozen_parameters
    assert len(original(torch.nn.Module(), None)) == 0
    with pytest.raises(InputError, match=r"train\.frozen: Module has no stem"):
        original(torch.nn.Module(), bare.train.frozen)


def test_bf16_after_single_precision_in_one_process(tmp_path, monkeypatch):
    monkeypatch.setattr(arithmetic, "has_bf16", lambda device: True)
    single, half = weights(tmp_path / "a"), weights(tmp_path / "b", "train.precision=bf16")
    assert half["embed.weight"].dtype == torch.float32
    assert not torch.equal(single["embed.weight"], half["embed.weight"])
    torch.testing.assert_close(single["embed.weight"], half["embed.weight"], atol=0.2, rtol=0)


def test_siblings_are_partners_of_siblings_only(tmp_path, monkeypatch):
    """Before, training did not tell the network whose family is one of twins, and this policy was refused."""
    data = colours(families=2, siblings=2)
    seen = []
    plan = AHAN.plan_step

    def spy(self, *given):
        seen.append((given[1].numpy(), plan(self, *given)))
        return seen[-1][1]

    monkeypatch.setattr(AHAN, "plan_step", spy)
    train(tiny("ahan", "model.pair={p: 1.0, partner: sibling, blocks: [1]}"), data, "r", tmp_path, "cpu")
    for family, partner in seen:
        itself = partner.numpy() == np.arange(len(family))
        assert (itself == (family < 2)).all()
        assert (family[partner] == family).all()
    assert {bool(x) for family, _ in seen for x in family < 2} == {False, True}
