import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.attention_maps import asymmetry_maps, mirror_ratios, region_maps, scale_weights

CROP = np.full((16, 16, 3), 120, np.uint8)


def test_a_region_has_its_box_and_a_map_a_scale():
    attention = np.random.default_rng(0).random((4, 3, 5, 5))
    fig, alt = region_maps(CROP, attention, np.tile([[0.25, 0.5, 0.75, 1.0]], (4, 1)), (1, 2, 4), "A network")
    assert len(fig.axes) == 16
    assert np.array_equal(fig.axes[4 * 2 + 3].images[1].get_array(), attention[2, 2])
    assert [len(ax.patches) for ax in fig.axes[:4]] == [1, 0, 0, 0]
    assert "eyes, nose, mouth, jaw at the scales 1, 2, 4" in alt


def test_asymmetry_maps_share_one_scale():
    maps = np.stack([np.eye(4), 3 * np.eye(4)])
    fig, alt = asymmetry_maps([CROP, CROP], maps, ["a", "its mirror"], "FAAM")
    assert [ax.images[1].get_clim() for ax in fig.axes[2:4]] == [(0, 3), (0, 3)]
    assert "from 0 to 3: 2 faces (a, its mirror)" in alt


def test_mirror_ratios_are_told_with_their_medians():
    fig, alt = mirror_ratios(
        {"|A − B|": {"random": np.array([0.1, 0.2, 0.9])}, "A − B": {"random": np.array([1.0, 1.2])}}
    )
    assert "|A − B|, random: 0.20; A − B, random: 1.10" in alt
    assert len(fig.axes[0].collections) == 2


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
