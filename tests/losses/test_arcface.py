import math
import re

import pytest
import torch
from golden_files import golden, relative
from golden_margin import TOLERANCE, check_margin
from torch.nn.functional import cross_entropy

from twinlib import config
from twinlib.errors import InputError
from twinlib.losses.arcface import END, PAST_PI, ArcFace, arcface_logits

VECTORS = golden("margin")
CASES = sorted(k for k in VECTORS if re.fullmatch(r"arc_\w+_s\d+_logits", k))
EDGES = sorted(k for k in VECTORS if k.startswith("edge_arc_"))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("key", CASES)
def test_golden_logits_loss_and_gradients(key, dtype):
    check_margin(key, dtype, arcface_logits)


def test_every_treatment_is_in_the_vectors():
    assert {re.match(r"arc_([a-z]+)_s", key)[1] for key in CASES} == set(PAST_PI)
    assert {key.removeprefix("edge_arc_") for key in EDGES} == set(PAST_PI)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
@pytest.mark.parametrize("key", EDGES)
def test_golden_edges(key, dtype, tolerance):
    s, m = VECTORS["edge_s_m"]
    cos = torch.tensor(VECTORS["edge_cos"], dtype=dtype)[:, None]
    label = torch.zeros(len(cos), dtype=torch.long)
    got = arcface_logits(cos, label, float(s), float(m), key.removeprefix("edge_arc_"))[:, 0]
    # where theta + m is pi but for rounding, the shorter type may take the other branch, which jumps
    at_pi = (cos[:, 0].double() - math.cos(math.pi - m)).abs() < torch.finfo(dtype).eps
    keep = ~at_pi if dtype == torch.float32 else torch.ones_like(at_pi)
    assert relative(got[keep], VECTORS[key][keep]) < tolerance


@pytest.mark.parametrize("past_pi", PAST_PI)
def test_slow_twin_by_angles(past_pi):
    cos = torch.rand(5, 4, dtype=torch.float64) * 1.6 - 0.8
    label, s, m = torch.tensor([0, 1, 2, 3, 0]), 10.0, 0.3
    wanted = s * cos
    for i, j in enumerate(label.tolist()):
        wanted[i, j] = s * math.cos(math.acos(cos[i, j]) + m)
    torch.testing.assert_close(arcface_logits(cos, label, s, m, past_pi), wanted)


def target(past_pi, theta, m=0.5):
    return arcface_logits(theta.cos()[:, None], torch.zeros(len(theta), dtype=torch.long), 1.0, m, past_pi)[:, 0]


def test_the_target_falls_with_the_angle_for_fallback_never_rises_for_clip_and_rises_past_pi_for_insight():
    theta, m = torch.linspace(0, math.pi, 2001, dtype=torch.float64), 0.5
    step = {past_pi: target(past_pi, theta).diff() for past_pi in PAST_PI}
    below = theta[1:] < math.pi - m
    assert (step["fallback"] < 0).all()
    assert (step["clip"] <= 1e-15).all()
    assert (step["clip"][theta[1:] > math.pi - m + 0.01] == 0).all()
    assert (step["insight"][below] < 0).all()
    assert (step["insight"][theta[:-1] > math.pi - m] > 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("past_pi", PAST_PI)
def test_values_and_gradients_are_finite_at_the_ends(past_pi, dtype):
    cos = torch.tensor([[1.0, 0.2], [-1.0, 0.2], [0.1, 1.0]], dtype=dtype, requires_grad=True)
    label = torch.tensor([0, 0, 0])
    loss = cross_entropy(arcface_logits(cos, label, 64.0, 0.5, past_pi), label)
    loss.backward()
    assert loss.isfinite()
    assert cos.grad.isfinite().all()


def test_margin_zero_is_plain_softmax():
    cos = torch.rand(3, 3, dtype=torch.float64)
    for past_pi in PAST_PI:
        torch.testing.assert_close(arcface_logits(cos, torch.arange(3), 7.0, 0.0, past_pi), 7 * cos)


def test_clip_holds_every_class_away_from_the_ends():
    got = arcface_logits(torch.tensor([[0.0, 1.0, -1.0]]), torch.tensor([0]), 1.0, 0.1, "clip")
    assert got[0, 1:].tolist() == pytest.approx([1 - END, -1 + END])


def test_ramp_starts_without_margin_and_ends_with_it():
    cfg = config.ArcFace(s=8.0, m=0.5, ramp=0.5)
    ramped, full = ArcFace(cfg, 6, 4), ArcFace(config.ArcFace(s=8.0, m=0.5), 6, 4)
    full.load_state_dict(ramped.state_dict())
    e, label = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    assert ramped(e, label, 0.0) < ramped(e, label, 0.25) < ramped(e, label, 0.5)
    torch.testing.assert_close(ramped(e, label, 0.6), full(e, label))


def test_the_settings_choose_the_treatment():
    e, label = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    for past_pi in PAST_PI:
        head = ArcFace(config.ArcFace(past_pi=past_pi), 6, 4)
        head.weight.data = -e[:1].repeat(4, 1)  # sample 0 is opposite of its centre
        wanted = cross_entropy(arcface_logits(head.cosine(e), label, 64.0, 0.5, past_pi), label)
        torch.testing.assert_close(head(e, label), wanted)


def test_refusals():
    with pytest.raises(InputError, match=r"radians.*28\.6 \(degrees\?\)"):
        arcface_logits(torch.zeros(1, 2), torch.tensor([0]), 64.0, 28.6)
    with pytest.raises(InputError, match=r"loss\.past_pi 'easy' is unknown; known: fallback, insight, clip"):
        arcface_logits(torch.zeros(1, 2), torch.tensor([0]), 64.0, 0.5, "easy")
    with pytest.raises(InputError, match="at least 2 training identities"):
        config.LOSSES.build(config.ArcFace(), 8, 1)
