import pytest
import torch
from golden_files import golden, relative

from twinlib.topology.differentiable import distances, edge_lengths, h0_deaths

VECTORS = golden("h0_pairs")
CLOUDS = sorted(k.removesuffix("_points") for k in VECTORS if k.endswith("_points"))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-5)])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_golden_deaths_from_points(cloud, dtype, tolerance):
    D = distances(torch.tensor(VECTORS[f"{cloud}_points"], dtype=dtype))
    pairs, deaths = h0_deaths(D)
    assert deaths.dtype == dtype
    assert relative(deaths, VECTORS[f"{cloud}_deaths"]) < tolerance
    assert torch.equal(D[pairs[:, 0], pairs[:, 1]], deaths)


def test_duplicate_points_are_at_zero_with_zero_gradient():
    x = torch.randn(3, 200).repeat(2, 1).requires_grad_()  # float32, where the form by squares gives 1e-3
    D = distances(x)
    _, deaths = h0_deaths(D)
    assert deaths[:3].tolist() == [0, 0, 0]
    deaths[:3].sum().backward()
    assert torch.equal(x.grad, torch.zeros_like(x))


def test_the_gradient_of_the_total_length_is_that_of_finite_differences():
    x = torch.randn(7, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: h0_deaths(distances(x))[1].square().sum(), x)


def test_lengths_of_edges_are_entries_of_the_distances_with_the_same_gradient():
    x = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    pairs = torch.tensor([[0, 3], [2, 5], [1, 3]])
    a, b = edge_lengths(x, pairs), distances(x)[pairs[:, 0], pairs[:, 1]]
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(*(torch.autograd.grad(y.square().sum(), x)[0] for y in (a, b)))


def test_half_precision_is_widened():
    assert distances(torch.zeros(2, 3, dtype=torch.bfloat16)).dtype == torch.float32
