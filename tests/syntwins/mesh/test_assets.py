import numpy as np
import pytest

from syntwins.mesh.assets import ambient_visibility, laplacian, laplacian_modes, smooth_space
from syntwins.mesh.head import head

SHIPPED = {1: (head().modes_even, head().values_even), -1: (head().modes_odd, head().values_odd)}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("made", ["shipped", "again"])
def test_fields_are_an_orthogonal_basis_of_smooth_ones(sign, made):
    """What any fields must fulfil: which ones of the space they are is the linear algebra library's choice."""
    fields, values = SHIPPED[sign] if made == "shipped" else laplacian_modes(head(), sign)
    n, count = fields.shape
    assert (n, count) == (head().skull_end, 26)
    np.testing.assert_allclose(fields[head().mirror[:n]], sign * fields, atol=1e-5)
    np.testing.assert_allclose(fields.T @ fields / n, np.eye(count), atol=1e-5)
    roughness = np.einsum("ik,ij,jk->k", fields, laplacian(head()), fields) / n
    np.testing.assert_allclose(values, roughness, rtol=1e-5)
    assert (np.diff(values) >= 0).all()
    space = smooth_space(head(), sign)
    np.testing.assert_allclose(space @ (space.T @ fields), fields, atol=1e-5)
    within = np.linalg.eigvalsh(space.T @ laplacian(head()) @ space)
    # Bounds for the smoothest 26 members of any orthogonal basis: the best one, and one that is mixed evenly.
    assert within[:count].sum() - 1e-5 < values.sum() < count * within.mean() + 1e-5


@pytest.mark.slow
def test_the_shipped_ambient_visibility_can_be_made_again():
    np.testing.assert_allclose(ambient_visibility(head()), head().ambient, atol=2e-3)


def test_ambient_visibility_is_low_in_the_folds():
    ambient = head().ambient
    assert ambient[head().in_mouth > 0.5].mean() < 0.6 < ambient[[1, 10, 50, 280]].min()
