import pytest
import torch
from torch.nn.functional import normalize

from twinlib.models.unit import unit


def test_rows_have_length_one_exactly_as_torch_has_them():
    x = torch.randn(5, 4)
    assert torch.equal(unit(x), normalize(x))
    assert torch.autograd.gradcheck(unit, torch.randn(3, 4, dtype=torch.float64, requires_grad=True))


@pytest.mark.parametrize("length", [0.0, 1e-20])
def test_a_row_without_direction_stays_and_gets_no_gradient(length):
    """torch's own gives it 1e12 times the gradient."""
    x = torch.stack([torch.tensor([length, 0.0]), torch.tensor([3.0, 4.0])]).requires_grad_()
    (unit(x) * torch.tensor([2.0, 1.0])).sum().backward()
    assert unit(x).isfinite().all()
    assert x.grad[0].tolist() == [0, 0]
    assert x.grad[1].abs().sum() > 0


def test_of_one_number_a_sign_is_left_without_a_gradient():
    x = torch.tensor([[-2.0], [0.0]], requires_grad=True)
    unit(x).sum().backward()
    assert unit(x).flatten().tolist() == [-1, 0]
    assert x.grad.abs().max() < 1e-6
