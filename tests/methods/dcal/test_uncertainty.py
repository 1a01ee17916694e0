import pytest
import torch
from golden_files import golden, relative

from twinlib.methods.dcal.uncertainty import Uncertainty, uncertainty_weighted

VECTORS = golden("dcal")


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-5)])
def test_golden_total(dtype, tolerance):
    losses, w = (torch.tensor(VECTORS[k], dtype=dtype) for k in ("unc_losses", "unc_w"))
    assert relative(uncertainty_weighted(losses, w), VECTORS["unc_total"]) < tolerance


def test_it_starts_as_half_the_sum_and_the_best_weight_is_the_logarithm_of_the_loss():
    module = Uncertainty(3).double()
    losses = torch.tensor([0.5, 1.0, 4.0], dtype=torch.float64)
    assert module(losses).item() == pytest.approx(5.5 / 2)
    module.w.data = losses.log()
    module(losses).backward()
    torch.testing.assert_close(module.w.grad, torch.zeros(3, dtype=torch.float64))


def test_it_falls_along_its_own_gradient():
    module = Uncertainty(2)
    losses = torch.tensor([3.0, 0.2])
    before = module(losses)
    before.backward()
    module.w.data -= 0.01 * module.w.grad
    assert module(losses).item() < before.item()
