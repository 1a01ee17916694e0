import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.scales import scale_weights


def test_every_seed_is_a_dot_and_the_words_give_the_means():
    one = np.full((4, 3), 1 / 3).tolist()
    two = [[0.6, 0.3, 0.1]] * 4
    fig, alt = scale_weights({0: one, 1: two}, (1, 2, 4))
    dots = [line.get_ydata() for ax in fig.axes for line in ax.lines if line.get_marker() == "o"]
    assert len(dots) == 4 * 2
    assert sorted(map(float, dots[1])) == pytest.approx([0.1, 0.3, 0.6])
    assert "eyes 0.47, 0.32, 0.22" in alt
    assert "equal share is 0.27" in alt


@pytest.mark.parametrize("weights", [{}, {0: [[0.5, 0.5]] * 4}, {0: [[1.0, 0.0, 0.0]]}])
def test_other_shapes_are_refused(weights):
    with pytest.raises(InputError, match="must be seeds × 4 × 3"):
        scale_weights(weights, (1, 2, 4))
