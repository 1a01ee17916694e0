import base64
import re

import numpy as np

from twinlib.figures import style
from twinlib.figures.shown.drawing import SVG_LIMIT, darkened, picture


def _cloud(points):
    fig, ax = style.figure(4.0, 3.0)
    ax.scatter(*np.random.default_rng(0).random((2, points)))
    return fig


def test_a_small_drawing_is_vector_and_a_large_one_is_not():
    small, large = picture(_cloud(5)), picture(_cloud(20_000))
    assert small.kind == "svg"
    assert b"<svg" in small.light
    assert len(small.light) < SVG_LIMIT
    assert (large.kind, large.dark) == ("png", None)
    assert large.light.startswith(b"\x89PNG")


def test_a_photograph_inside_is_a_jpeg_and_a_map_of_few_colours_is_not():
    rng = np.random.default_rng(0)
    fig, (one, other) = style.figure(4.0, 2.0, 1, 2)
    noise = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    one.imshow(noise)
    other.imshow(np.eye(4), interpolation="nearest")
    kinds = re.findall(rb"data:image/(\w+);base64,([^\"]+)", picture(fig).light)
    assert {kind for kind, _ in kinds} == {b"jpeg", b"png"}
    assert base64.b64decode(dict(kinds)[b"jpeg"]).startswith(b"\xff\xd8")


def test_dark_pages_get_the_same_drawing_in_colours_that_can_be_read_there():
    fig, ax = style.figure(2.0, 2.0)
    ax.plot([0, 1], [0, 1], color=style.TWIN)
    drawn = picture(fig)
    light, dark = drawn.light.decode(), drawn.dark.decode()
    assert style.PANEL.lower() in light
    assert style.PANEL.lower() not in dark
    assert style.DARK_PANEL in dark
    assert style.TWIN.lower() not in dark
    assert re.sub(r"#[0-9a-f]{6}", "", light) == re.sub(r"#[0-9a-f]{6}", "", dark)


def test_embedded_bytes_are_not_taken_for_colours():
    assert darkened("base64,#fbfaf7") == f"base64,{style.DARK_PANEL}"
    assert darkened("#fbfaf7a") == "#fbfaf7a"


def _contrast(one, other):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted([light(one), light(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_and_lines_read_on_the_dark_panel():
    assert _contrast(style.DARK[style.TEXT.lower()], style.DARK_PANEL) > 7
    for light in (style.MUTED, *style.PALETTE):
        assert _contrast(style.DARK[light.lower()], style.DARK_PANEL) > 4.5, light
