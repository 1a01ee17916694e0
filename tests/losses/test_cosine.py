import pytest
import torch
from golden_files import golden, relative

from twinlib.losses.head import cosines, of_target, sine, straight_through, wide, with_target


def test_golden_cosines():
    vectors = golden("margin")
    got = cosines(torch.tensor(vectors["x"]), torch.tensor(vectors["W"]))
    assert relative(got, vectors["cosine"]) < 1e-12


def test_half_precision_widens_and_double_stays():
    wanted = {torch.float16: torch.float32, torch.bfloat16: torch.float32, torch.float64: torch.float64}
    assert {dtype: wide(torch.zeros(1, dtype=dtype)).dtype for dtype in wanted} == wanted


def test_autocast_does_not_shorten_the_product():
    a, b = torch.randn(4, 64), torch.randn(5, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (a @ b.T).dtype == torch.bfloat16  # what it would be
        inside = cosines(a, b)
    assert inside.dtype == torch.float32
    torch.testing.assert_close(inside, cosines(a, b), rtol=0, atol=0)


def test_the_target_is_read_and_replaced_and_nothing_else():
    cos, label = torch.arange(6.0).reshape(2, 3), torch.tensor([2, 0])
    assert of_target(cos, label).tolist() == [2, 3]
    assert with_target(cos, label, torch.tensor([-1.0, -2.0])).tolist() == [[0, 1, -1], [-2, 4, 5]]


def test_straight_through_has_the_value_of_one_and_the_gradient_of_the_other():
    c = torch.tensor([0.3, -0.2], dtype=torch.float64, requires_grad=True)
    out = straight_through(c, c**3)
    out.sum().backward()
    torch.testing.assert_close(out.detach(), c.detach() ** 3)
    assert c.grad.tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_sine_is_finite_with_its_gradient_at_the_ends_and_just_outside(dtype):
    c = torch.tensor([-1 - 1e-7, -1.0, 0.6, 1.0, 1 + 1e-7], dtype=dtype, requires_grad=True)
    out = sine(c)
    out.sum().backward()
    assert out[2].item() == pytest.approx(0.8)
    assert c.grad.isfinite().all()
    assert c.grad[2].item() == pytest.approx(-0.75)
