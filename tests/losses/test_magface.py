import dataclasses
import math

import pytest
import torch
from golden_files import golden, relative

from twinlib import config
from twinlib.errors import InputError
from twinlib.losses.head import cosines
from twinlib.losses.magface import MagFace, lambda_g_min, margin, pull, with_margin

VECTORS = golden("magface")
KINDS = sorted(k.removesuffix("_cos_m_s") for k in VECTORS if k.endswith("_cos_m_s"))
CFG = config.MagFace(
    s=float(VECTORS["scale"]),
    **{k: float(VECTORS[k]) for k in ("l_a", "u_a", "l_margin", "u_margin", "lambda_g")},
)
TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("kind", KINDS)
def test_golden_margins_logits_losses_and_gradients(kind, dtype):
    x, W = (torch.tensor(VECTORS[k], dtype=dtype) for k in ("x", "W"))
    head = MagFace(dataclasses.replace(CFG, easy=kind == "easy"), W.shape[1], len(W)).to(dtype)
    head.weight.data.copy_(W)
    x.requires_grad_()
    loss = head(x, torch.tensor(VECTORS["y"]))
    loss.backward()
    a = x.detach().norm(dim=1).clamp(CFG.l_a, CFG.u_a)
    values, gradients = TOLERANCE[dtype]
    cos, m = cosines(x.detach(), W), margin(a, CFG)
    cos_m = with_margin(cos, m[:, None], kind == "easy")
    wanted = {
        "x_norm_clamped": a[:, None], "ada_margin": m[:, None],
        f"{kind}_cos_s": CFG.s * cos, f"{kind}_cos_m_s": CFG.s * cos_m,
        f"{kind}_loss_g": pull(a, CFG.u_a), f"{kind}_loss_total": loss.detach(),
        f"{kind}_loss_id": loss.detach() - CFG.lambda_g * pull(a, CFG.u_a),
    }  # fmt: skip
    for name, got in wanted.items():
        assert relative(got, VECTORS[name]) < values, name
    assert relative(x.grad, VECTORS[f"{kind}_grad_x"]) < gradients
    assert relative(head.weight.grad, VECTORS[f"{kind}_grad_W"]) < gradients


def test_golden_least_weight_of_the_pull():
    assert KINDS
    assert relative(lambda_g_min(CFG), VECTORS["lambda_g_min"]) < 1e-12


def test_at_the_least_weight_the_best_length_of_a_sure_sample_is_the_upper_bound():
    cfg = dataclasses.replace(CFG, lambda_g=1.0001 * lambda_g_min(CFG))
    # steepest price of length: d(-s cos(theta + m))/da <= s m'(a); its gain there is lambda_g (1/a^2 - 1/u_a^2)
    price = cfg.s * (cfg.u_margin - cfg.l_margin) / (cfg.u_a - cfg.l_a)
    assert cfg.lambda_g * (1 / cfg.l_a**2 - 1 / cfg.u_a**2) == pytest.approx(1.0001 * price)


@pytest.mark.parametrize("easy", [True, False])
def test_the_target_falls_with_the_angle_except_for_easys_jump_at_ninety_degrees(easy):
    theta = torch.linspace(0, math.pi, 2001, dtype=torch.float64)
    value = with_margin(theta.cos(), torch.full_like(theta, 0.5), easy)
    rises = (value.diff() >= 0).nonzero()[:, 0]
    assert len(rises) == int(easy)
    assert not easy or abs(float(theta[rises[0]]) - math.pi / 2) < 0.01


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_finite_at_cosine_one_and_minus_one(dtype):
    head = MagFace(config.MagFace(easy=False), 3, 2).to(dtype)
    head.weight.data = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0]], dtype=dtype)
    x = torch.tensor([[20.0, 0, 0], [30.0, 0, 0], [0, 0, 0]], dtype=dtype, requires_grad=True)
    loss = head(x, torch.tensor([0, 1, 0]))
    loss.backward()
    assert loss.isfinite()
    assert x.grad.isfinite().all()
    assert head.report() == {"norm_min": 0, "norm_mean": pytest.approx(50 / 3), "norm_max": 30}


def test_refusals():
    with pytest.raises(InputError, match=r"at least 22\.59 .* got 20"):
        MagFace(config.MagFace(lambda_g=20.0), 3, 2)
    with pytest.raises(InputError, match=r"l_a must be below u_a, got 5\.0 and 5\.0"):
        MagFace(config.MagFace(l_a=5.0, u_a=5.0), 3, 2)


def test_a_batch_that_is_not_finite_leaves_the_reported_lengths():
    head = MagFace(config.MagFace(), 4, 3)
    e, label = torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
    head(e, label)
    before = head.report()
    head(torch.where(torch.arange(6)[:, None] == 3, torch.nan, e), label)
    assert head.report() == before
    assert before["norm_max"] > before["norm_min"] > 0
