import math

import numpy as np
import pytest

from twinlib import config
from twinlib.errors import InputError
from twinlib.figures.losses import loss_pictures as pictures
from twinlib.figures.losses.loss_curves import ARCFACES, HEADS, adaface
from twinlib.figures.losses.toy import optimise


def test_a_line_a_head_in_both_panels_and_the_mark():
    fig, alt = pictures.heads(ARCFACES, math.pi - 0.5)
    assert [len(ax.lines) for ax in fig.axes] == [4, 4]
    line = fig.axes[0].lines[0]
    assert line.get_ydata()[0] == pytest.approx(math.cos(0.503), abs=1e-6)
    assert all(name in alt for name in ARCFACES)
    with pytest.raises(InputError, match="nothing to draw"):
        pictures.heads({})


def test_a_surface_a_head():
    rows = {"AdaFace": {k: adaface(k) for k in (-1.0, 0.0, 1.0)}}
    fig, alt = pictures.surfaces(rows, "k")
    assert fig.axes[0].get_title(loc="left") == "AdaFace"
    assert "AdaFace at 60°" in alt


def test_margins_have_the_settings_ends():
    fig, alt = pictures.margins(config.AdaFace(), config.MagFace(), 30.0, 5.0)
    angular, additive = (line.get_ydata() for line in fig.axes[0].lines[:2])
    assert (angular[0], angular[-1]) == pytest.approx((0.4, -0.4))
    assert (additive[0], additive[-1]) == pytest.approx((0, 0.8))
    mag = fig.axes[1].lines[0].get_ydata()
    assert (mag[0], mag[-1]) == pytest.approx((0.45, 0.8))
    assert "0.45 at length 10 to 0.8 at 110" in alt


def test_the_transient_is_slow_from_the_released_start():
    _, alt = pictures.adaface_transient(25.0, 3.0)
    assert "measured, at once" in alt
    assert 200 < int(alt.split("at batch ")[1].split(";")[0]) < 500


def test_forces_name_where_they_end():
    fig, alt = pictures.forces({name: HEADS[name] for name in ("plain softmax", "ArcFace")})
    assert len(fig.axes) == 2
    assert "60° for NDTWIN" in alt


def test_toys_show_every_loss_and_the_final_angle():
    tracks = {name: optimise(name, steps=3) for name in ("ArcFace", "twin triplet")}
    fig, alt = pictures.toy_circles(tracks)
    assert sum(bool(ax.get_title(loc="center")) for ax in fig.axes) == 2
    assert f"ArcFace {tracks['ArcFace'].gap[-1]:.0f}°" in alt
    fig, alt = pictures.toy_gaps({"circle": tracks, "sphere": tracks})
    assert [len(ax.lines) for ax in fig.axes] == [2, 2]
    np.testing.assert_allclose(fig.axes[0].lines[0].get_ydata(), tracks["ArcFace"].gap)
