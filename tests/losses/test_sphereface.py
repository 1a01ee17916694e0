import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from twinlib import config
from twinlib.errors import InputError
from twinlib.losses.sphereface import SphereFace, psi, sphereface_logits


def slow_psi(theta, m):
    k = min(int(theta * m / math.pi), m - 1)
    return (-1) ** k * math.cos(m * theta) - 2 * k


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5])
def test_slow_twin_by_angles(m):
    theta = torch.rand(200, dtype=torch.float64) * math.pi
    wanted = torch.tensor([slow_psi(float(t), m) for t in theta], dtype=torch.float64)
    torch.testing.assert_close(psi(theta.cos(), m), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("m", [1, 2, 4])
def test_it_falls_with_the_angle_from_one_without_a_jump(m):
    theta = torch.linspace(0, math.pi, 4001, dtype=torch.float64)
    value = psi(theta.cos(), m)
    assert (value.diff() <= 1e-12).all()
    assert value.diff().abs().max() < 2 * m * math.pi / 4000
    assert [float(value[0]), float(value[-1])] == pytest.approx([1, 1 - 2 * m])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_are_true_and_finite_at_the_ends(dtype):
    c = torch.tensor([-1.0, 1.0, 0.3], dtype=dtype, requires_grad=True)
    psi(c, 4).sum().backward()
    assert c.grad.isfinite().all()
    h = 1e-6
    slope = (slow_psi(math.acos(0.3 + h), 4) - slow_psi(math.acos(0.3 - h), 4)) / (2 * h)
    assert float(c.grad[2]) == pytest.approx(slope, rel=1e-5)


def test_no_share_of_the_margin_is_plain_softmax_and_lengths_scale_rows():
    cos, label = torch.rand(3, 4, dtype=torch.float64), torch.tensor([0, 1, 2])
    s = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    torch.testing.assert_close(sphereface_logits(cos, label, s, 4, 0.0), s[:, None] * cos)
    torch.testing.assert_close(sphereface_logits(cos, label, 3.0, 1, 1.0), 3 * cos)


def test_the_head_scales_by_length_or_by_its_setting():
    e, label = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    for s in (None, 12.0):
        head = SphereFace(config.SphereFace(m=3, blend=1.0, s=s, ramp=0.5), 6, 4)
        scale = e.norm(dim=1) if s is None else s
        for done, share in ((0.25, 0.25), (1.0, 0.5)):
            wanted = cross_entropy(sphereface_logits(head.cosine(e), label, scale, 3, share), label)
            torch.testing.assert_close(head(e, label, done), wanted)


def test_refusal():
    with pytest.raises(InputError, match="at least 1; got 0"):
        sphereface_logits(torch.zeros(1, 2), torch.tensor([0]), 1.0, 0, 1.0)
