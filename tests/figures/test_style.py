import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager

from twinlib.figures import style


def _linear(colour):
    c = np.array(mpl.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _contrast(a, b):
    high, low = sorted((float(_linear(x) @ [0.2126, 0.7152, 0.0722]) for x in (a, b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira & Fernandes (2009), full severity, on linear RGB.
SEEN_BY = {
    "everyone": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def _lab(colour, eye):
    rgb = np.clip(np.array(SEEN_BY[eye]) @ _linear(colour), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_text_is_readable_on_the_panel():
    assert min(_contrast(colour, style.PANEL) for colour in (style.TEXT, style.MUTED)) >= 4.5


def test_lines_stand_out_from_the_panel():
    assert min(_contrast(colour, style.PANEL) for colour in style.PALETTE) >= 3


@pytest.mark.parametrize("eye", SEEN_BY)
def test_kinds_of_pairs_differ_for_every_eye(eye):
    pairs = itertools.combinations(style.KIND.values(), 2)
    assert min(np.linalg.norm(_lab(a, eye) - _lab(b, eye)) for a, b in pairs) > 15


def test_figure_carries_the_style_even_to_a_late_legend():
    fig, ax = style.figure(5.0, 3.0)
    ax.plot([0, 1], label="a")
    legend = ax.legend()
    assert tuple(fig.get_size_inches()) == (5, 3)
    assert mpl.colors.to_hex(fig.get_facecolor()).upper() == style.PANEL
    assert mpl.colors.to_hex(legend.get_texts()[0].get_color()).upper() == style.TEXT
    assert ax.lines[0].get_color() == style.PALETTE[0]


def test_several_axes():
    assert style.figure(6, 3, rows=1, columns=3)[1].shape == (3,)
    assert style.figure(6, 3, rows=2, columns=3)[1].shape == (2, 3)


def test_fonts_come_with_matplotlib():
    path = font_manager.findfont(str(style.STYLE["font.family"]), fallback_to_default=False)
    assert "mpl-data" in path


def test_no_display_is_needed():
    fig, _ = style.figure()
    assert type(fig.canvas).__name__ == "FigureCanvasAgg"
