import numpy as np
import pytest

from syntwins.mesh.head import head
from syntwins.mesh.shape import EXPRESSIONS, expressions, random_field, semantic_modes


@pytest.mark.parametrize(("symmetric", "sign"), [(True, 1), (False, -1)])
def test_fields_are_symmetric_or_antisymmetric_and_of_unit_length(symmetric, sign):
    field = random_field(np.random.default_rng(1), symmetric, modes=24)
    mirror = head().mirror[: head().skull_end]
    np.testing.assert_allclose(field[mirror] * [-1, 1, 1], sign * field, atol=1e-4)
    assert np.sqrt((field[:468] ** 2).sum(1).mean()) == pytest.approx(1)


def test_a_higher_power_is_smoother():
    a, b = head().control_faces[(head().control_faces < head().skull_end).all(1)][:, :2].T
    rough, smooth = (random_field(np.random.default_rng(2), True, power=p) for p in (0.2, 1.5))
    step = lambda field: np.linalg.norm(field[a] - field[b], axis=1).mean()  # noqa: E731
    assert step(smooth) < 0.9 * step(rough)


def test_semantic_modes_are_symmetric():
    mirror = head().mirror[: head().skull_end]
    for name, mode in semantic_modes().items():
        assert np.abs(mode[mirror] * [-1, 1, 1] - mode).max() < 1e-9, name


def test_expressions_move_what_they_name():
    modes = expressions()
    assert set(modes) == {*EXPRESSIONS, "age"}
    assert modes["jaw"][17, 1] < -0.5 < modes["jaw"][0, 1]  # lower lip falls, upper lip stays
    assert modes["smile"][61, 0] < 0 < modes["smile"][291, 0]  # corners part
    assert modes["blink"][159, 1] < 0  # upper lid closes
