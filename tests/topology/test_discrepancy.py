import numpy as np
import pytest
from golden_files import golden, relative

from twinlib.errors import InputError
from twinlib.topology.discrepancy import DISCREPANCIES, structure_discrepancy

VECTORS = golden("topo_loss")
CASES = sorted(k.removesuffix("_sig_x") for k in VECTORS if k.endswith("_sig_x"))


@pytest.mark.parametrize("case", CASES)
def test_mean_square_is_the_golden_loss_of_the_released_code(case):
    got = structure_discrepancy(VECTORS[f"{case}_sig_x"], VECTORS[f"{case}_sig_z"], "mean_square")
    assert relative(got, VECTORS[f"{case}_loss_code"]) < 1e-12


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_bottleneck_is_that_of_a_general_algorithm(n):
    gudhi = pytest.importorskip("gudhi")
    rng = np.random.default_rng(n)
    for spread in (0.1, 1.0, 3.0):
        a, b = rng.exponential(spread, n), rng.exponential(1.0, n)
        wanted = gudhi.bottleneck_distance(*(np.stack([np.zeros(n), d], axis=1) for d in (a, b)))
        assert structure_discrepancy(a, b, "bottleneck") == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("kind", DISCREPANCIES)
def test_zero_for_equal_deaths_in_any_order_and_symmetric(kind):
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 9))
    assert structure_discrepancy(a, rng.permutation(a), kind) == 0
    assert structure_discrepancy(a, b, kind) == structure_discrepancy(b, a, kind) > 0
    assert structure_discrepancy(np.zeros(0), np.zeros(0), kind) == 0


def test_refusals():
    with pytest.raises(InputError, match="got 2 and 3 deaths"):
        structure_discrepancy(np.zeros(2), np.zeros(3))
    with pytest.raises(InputError, match="discrepancy 'wasserstein' is unknown; known: bottleneck, mean_square"):
        structure_discrepancy(np.zeros(2), np.zeros(2), "wasserstein")
