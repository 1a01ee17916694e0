import math
import re

import pytest
import torch
from golden_files import golden, relative
from torch.nn.functional import cross_entropy, normalize

from twinlib import config, losses
from twinlib.errors import InputError
from twinlib.losses.arcface import ArcFace, arcface_logits

VECTORS = golden("margin")
CASES = sorted(k for k in VECTORS if re.fullmatch(r"arc_fallback_s\d+_logits", k))
TOLERANCE = {torch.float64: 1e-9, torch.float32: 5e-5}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("key", CASES)
def test_golden_logits_loss_and_gradients(key, dtype):
    s = re.search(r"s(\d+)", key).group(1)
    x, W = (torch.tensor(VECTORS[k], dtype=dtype, requires_grad=True) for k in ("x", "W"))
    label = torch.tensor(VECTORS["y"])
    logits = arcface_logits(normalize(x) @ normalize(W).T, label, float(s), float(VECTORS[f"s{s}_m_arc"]))
    loss = cross_entropy(logits, label)
    loss.backward()
    prefix = key.removesuffix("logits")
    for got, name in ((logits.detach(), "logits"), (loss.detach(), "loss"), (x.grad, "grad_x"), (W.grad, "grad_W")):
        assert relative(got, VECTORS[prefix + name]) < TOLERANCE[dtype], name


def test_golden_exists():
    assert CASES


def test_golden_edges():
    s, m = VECTORS["edge_s_m"]
    cos = torch.tensor(VECTORS["edge_cos"])[:, None]
    got = arcface_logits(cos, torch.zeros(len(cos), dtype=torch.long), float(s), float(m))
    assert relative(got[:, 0], VECTORS["edge_arc_fallback"]) < 1e-9


def test_slow_twin_by_angles():
    cos = torch.rand(5, 4, dtype=torch.float64) * 1.6 - 0.8
    label, s, m = torch.tensor([0, 1, 2, 3, 0]), 10.0, 0.3
    wanted = s * cos
    for i, j in enumerate(label.tolist()):
        wanted[i, j] = s * math.cos(math.acos(cos[i, j]) + m)
    torch.testing.assert_close(arcface_logits(cos, label, s, m), wanted)


def test_target_logit_falls_with_the_angle_and_gradient_is_finite_at_the_ends():
    theta = torch.linspace(0, math.pi, 400, dtype=torch.float64)
    cos = theta.cos()[:, None].clone().requires_grad_()
    z = arcface_logits(cos, torch.zeros(400, dtype=torch.long), 64.0, 0.5)[:, 0]
    assert (z.diff() < 0).all()
    z.sum().backward()
    assert cos.grad.isfinite().all()


def test_margin_zero_is_plain_softmax():
    cos = torch.rand(3, 3, dtype=torch.float64)
    torch.testing.assert_close(arcface_logits(cos, torch.arange(3), 7.0, 0.0), 7 * cos)


def test_ramp_starts_without_margin_and_ends_with_it():
    torch.manual_seed(0)
    cfg = config.ArcFace(s=8.0, m=0.5, ramp=0.5)
    ramped, full = ArcFace(cfg, 6, 4), ArcFace(config.ArcFace(s=8.0, m=0.5), 6, 4)
    full.load_state_dict(ramped.state_dict())
    e, label = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    assert ramped(e, label, 0.0) < ramped(e, label, 0.25) < ramped(e, label, 0.5)
    torch.testing.assert_close(ramped(e, label, 0.6), full(e, label))


def test_refusals():
    with pytest.raises(InputError, match=r"radians.*28\.6 \(degrees\?\)"):
        arcface_logits(torch.zeros(1, 2), torch.tensor([0]), 64.0, 28.6)
    with pytest.raises(InputError, match="at least 2 training identities"):
        losses.build("arcface", config.ArcFace(), 8, 1)
    with pytest.raises(InputError, match="loss 'arc' is unknown"):
        losses.build("arc", config.ArcFace(), 8, 2)
