import pytest
import torch
from torch.nn.functional import cross_entropy

from twinlib.errors import InputError
from twinlib.losses.head import Head, cosines


class Plain(Head):
    """Softmax over 8 cos, the margin a constant on all logits of a sample's true class."""

    def logits(self, embedding, label, grown=1.0):
        return 8 * self.cosine(embedding) - grown * torch.nn.functional.one_hot(label, len(self.weight))


def batch(dtype=torch.float64):
    return torch.randn(6, 5, dtype=dtype), torch.tensor([0, 1, 2, 0, 1, 2])


def test_mean_cross_entropy_of_the_logits():
    head = Plain(0.0, 5, 3).double()
    e, label = batch()
    wanted = cross_entropy(8 * cosines(e, head.weight) - torch.eye(3)[label], label)
    torch.testing.assert_close(head(e, label), wanted)


def test_sample_weights_multiply_and_get_no_gradient():
    head = Plain(0.0, 5, 3).double()
    e, label = batch()
    weight = torch.rand(6, dtype=torch.float64, requires_grad=True)
    loss = head(e, label, sample_weight=weight)
    each = torch.stack([head(e[i : i + 1], label[i : i + 1]) for i in range(6)])
    torch.testing.assert_close(loss, (weight * each).mean().detach().requires_grad_())
    loss.backward()
    assert weight.grad is None


def test_the_margin_grows_with_the_ramp_and_then_stays():
    head = Plain(0.5, 5, 3).double()
    e, label = batch()
    losses = [head(e, label, done).item() for done in (0.0, 0.25, 0.5, 1.0)]
    assert losses[0] < losses[1] < losses[2] == losses[3]


def test_half_precision_embeddings_and_autocast_give_the_float32_loss():
    head = Plain(0.0, 5, 3)
    e, label = batch(torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = head(e, label)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, head(e.float(), label), rtol=0, atol=0)


def test_refusals():
    with pytest.raises(InputError, match="loss plain needs at least 2 training identities; got 1"):
        Plain(0.0, 5, 1)
    with pytest.raises(InputError, match=r"loss\.ramp is a share .* got 33"):
        Plain(33.0, 5, 3)
