import numpy as np

from twinlib.measure.weighted import pair_weights


def test_a_pair_across_two_families_weighs_the_product():
    weights = np.array([[1, 0], [3, 2], [2, 5]])
    families = np.array([[1, 1], [1, 2], [0, 2]])
    assert pair_weights(families, weights).tolist() == [[3, 2], [6, 10], [2, 0]]
