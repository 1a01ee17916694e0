import math

import numpy as np
import pytest
from golden_files import golden, relative

from twinlib.methods.topofr.gum import em_step, fit

VECTORS = golden("gum_sds")
CASES = sorted(k.removesuffix("_signed_entropy") for k in VECTORS if k.endswith("_signed_entropy"))


@pytest.mark.parametrize("case", CASES)
def test_golden_mixture_of_the_released_code(case):
    got = fit(VECTORS[f"{case}_signed_entropy"])
    assert relative(got.gamma, VECTORS[f"{case}_gamma"]) < 1e-9
    for value, name in ((got.pi, "pi"), (got.variance, "sigma"), (got.density, "c")):
        assert relative(value, VECTORS[f"{case}_{name}"]) < 1e-9, name


def test_golden_step_of_the_papers_form():
    got = em_step(VECTORS["em_E"], *(float(VECTORS[f"em_{k}0"]) for k in ("pi", "Sigma", "Omega")))
    assert relative(got.h, VECTORS["em_h1"]) < 1e-9
    for value, name in ((got.pi, "pi1"), (got.Sigma, "Sigma1"), (got.eta1, "eta1"), (got.eta2, "eta2"),
                        (got.Omega, "Omega1")):  # fmt: skip
        assert relative(value, VECTORS[f"em_{name}"]) < 1e-9, name


def test_outliers_are_not_the_gaussians_and_units_do_not_matter():
    rng = np.random.default_rng(0)
    e = np.concatenate([rng.normal(0, 0.1, 90), rng.uniform(-3, 3, 30)])
    got = fit(e)
    far = np.abs(e - e.mean()) > 1
    assert got.gamma[far].max() < 0.01 < 0.5 < got.gamma[:90].mean()
    assert got.pi == 0.5
    np.testing.assert_allclose(fit(7 * e + 3).gamma, got.gamma, atol=1e-6)


@pytest.mark.parametrize("e", [np.full(6, 2.0), np.array([1.0]), np.array([0.0, 0.0, 0.0, 9.0])])
def test_equal_few_and_lonely_values_stay_finite(e):
    got = fit(e)
    assert np.isfinite(got.gamma).all()
    assert ((got.gamma >= 0) & (got.gamma <= 1)).all()
    assert math.isfinite(got.density)
    assert len(np.unique(e)) > 1 or got.density == 1e-3  # no width: the released floor
