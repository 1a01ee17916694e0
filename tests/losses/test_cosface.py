import re

import pytest
import torch
from golden_files import golden
from golden_margin import TOLERANCE, check_margin
from torch.nn.functional import cross_entropy

from twinlib import config
from twinlib.errors import InputError
from twinlib.losses.cosface import END, CosFace, cosface_logits

VECTORS = golden("margin")
CASES = sorted(k for k in VECTORS if re.fullmatch(r"cos_\w+_s\d+_logits", k))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("key", CASES)
def test_golden_logits_loss_and_gradients(key, dtype):
    check_margin(key, dtype, cosface_logits)


def test_every_treatment_of_the_ends_is_in_the_vectors():
    assert {re.match(r"cos_([a-z]+)_s", key)[1] for key in CASES} == set(END)


def test_only_the_target_loses_the_margin():
    cos = torch.rand(3, 4, dtype=torch.float64)
    label = torch.tensor([3, 0, 1])
    change = cosface_logits(cos, label, 5.0, 0.25) - 5 * cos
    torch.testing.assert_close(change, -1.25 * torch.nn.functional.one_hot(label, 4).double())


def test_clip_has_no_gradient_beyond_and_stays_finite():
    cos = torch.tensor([[1.0, -1.0, 0.5]], requires_grad=True)
    cosface_logits(cos, torch.tensor([0]), 64.0, 0.4, "clip").sum().backward()
    assert cos.grad.tolist() == [[0, 0, 64]]


def test_the_head_uses_its_settings_and_ramp():
    e, label = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    head = CosFace(config.CosFace(s=8.0, m=0.3, ramp=0.5, ends="clip"), 6, 4)
    for done, m in ((0.0, 0.0), (0.25, 0.15), (0.9, 0.3)):
        wanted = cross_entropy(cosface_logits(head.cosine(e), label, 8.0, m, "clip"), label)
        torch.testing.assert_close(head(e, label, done), wanted)


def test_refusals():
    with pytest.raises(InputError, match=r"difference of cosines .* got 20"):
        cosface_logits(torch.zeros(1, 2), torch.tensor([0]), 64.0, 20.0)
    with pytest.raises(InputError, match=r"loss\.ends 'clamp' is unknown; known: insight, clip"):
        cosface_logits(torch.zeros(1, 2), torch.tensor([0]), 64.0, 0.4, "clamp")
