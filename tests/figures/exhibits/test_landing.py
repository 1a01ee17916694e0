import numpy as np
import pytest
from run_factory import make_run

from twinlib.data.rendered import NOBODY, frontal_twins
from twinlib.errors import InputError
from twinlib.figures.exhibits.landing import Bar, finding, hero
from twinlib.measure.interval import Interval

FACES = [np.full((8, 8, 3), shade, np.uint8) for shade in (90, 160)]


def bar(value):
    return Bar(Interval(value, value - 0.02, value + 0.03, 200, 5), [value - 0.01, value + 0.01])


def test_the_picture_says_what_it_shows():
    fig, alt = hero(FACES, {"plain ViT": bar(0.68), "AHAN": bar(0.79)})
    first, second, plot = fig.axes
    assert [len(ax.images) for ax in (first, second)] == [1, 1]
    assert np.array_equal(first.images[0].get_array(), FACES[0])
    assert [patch.get_width() for patch in plot.patches] == pytest.approx([0.18, 0.29])
    dots = [line.get_xdata() for line in plot.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots, [[0.67, 0.69], [0.78, 0.80]])
    assert "plain ViT 0.68; AHAN 0.79" in alt


def test_without_a_run_the_faces_stay():
    fig, alt = hero(FACES, {})
    assert len(fig.axes) == 3
    assert "nothing was run yet" in alt


def test_one_face_is_refused():
    with pytest.raises(InputError, match="two twins; got 1 faces"):
        hero(FACES[:1], {})


def test_the_twins_are_two_people_of_no_set():
    from syntwins import SETS

    one, other = frontal_twins(64)
    assert one.shape == other.shape == (64, 64, 3)
    assert 0 < np.abs(one.astype(int) - other).mean() < 12  # alike, and not the same
    assert all(NOBODY > config.first_family + 10_000 for config in SETS.values())


def test_a_finding_ends_with_its_verdict_and_interval(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    good, bad = ([make_run(name, seed, skill) for seed in range(5)] for name, skill in (("a", 2.0), ("b", 0.5)))
    assert finding("A beats B", good, bad).startswith("A beats B: this holds. The difference in AUC is +0.")
    assert finding("B beats A", bad, good).startswith("B beats A: not so here. The difference in AUC is -0.")
    assert finding("A beats C", good, []) == "A beats C: not run."
