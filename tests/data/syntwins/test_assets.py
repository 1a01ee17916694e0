import numpy as np
import pytest

from twinlib.data.syntwins.mesh import head


@pytest.mark.slow
def test_the_shipped_fields_can_be_made_again():
    """Equal up to an eigenvector's sign and turns within an eigenspace: compare the spaces' projections."""
    from twinlib.data.syntwins.assets import build

    again = build()
    np.testing.assert_allclose(again["ambient"], head().ambient, atol=2e-3)
    np.testing.assert_allclose(again["values_even"], head().values_even, rtol=1e-3)
    n = len(head().modes_even)
    overlap = np.abs(again["modes_even"][:, :20].T @ head().modes_even[:, :20] / n)
    assert np.diag(overlap).mean() > 0.9


def test_ambient_visibility_is_low_in_the_folds():
    ambient = head().ambient
    assert ambient[head().in_mouth > 0.5].mean() < 0.6 < ambient[[1, 10, 50, 280]].min()
