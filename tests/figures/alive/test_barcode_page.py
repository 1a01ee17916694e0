import re

import numpy as np

from twinlib.figures.alive import barcode_page
from twinlib.topology.persistence import h0_pairs

FACES = [np.full((8, 8, 3), 20 * i, np.uint8) for i in range(12)]


def _points():
    return barcode_page.on_plane(np.random.default_rng(0).normal(size=(12, 30)))


def test_the_plane_keeps_the_order_of_the_first_direction():
    points = _points()
    assert points.min() == 8
    assert points.max() == 92
    line = np.outer([0.0, 1.0, 5.0], np.ones(4))
    x = barcode_page.on_plane(line)[:, 0]
    assert (np.diff(x) > 0).all() or (np.diff(x) < 0).all()


def test_the_first_state_is_the_librarys(tmp_path):
    points = _points()
    deaths = h0_pairs(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))[1]
    text = barcode_page.fragment(points, FACES, [f"face {i}" for i in range(12)]).split("<script")[0]
    radius = float(re.search(r'step="0.5" value="([\d.]+)"', text)[1])
    groups = 1 + (deaths > 2 * radius).sum()
    assert f"{groups} groups; the longest bar is {deaths[-1]:.1f} long" in text
    assert text.count("data-face=") == 12
    assert text.count("al-ended") == (deaths <= 2 * radius).sum() + barcode_page.part("alive.css").count("al-ended")
