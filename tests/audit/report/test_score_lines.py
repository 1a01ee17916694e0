import re
import xml.dom.minidom

from twinlib.audit.report.score_lines import HEIGHT, WIDTH, curves

SHIFT = {
    "genuine": {"mean": 0.8, "share": [0.0, 0.0, 0.25, 0.75]},
    "stranger": {"mean": 0.2, "share": [0.5, 0.5, 0.0, 0.0]},
}


def test_it_is_a_picture_with_a_line_for_each_kind_and_a_text_for_those_who_do_not_see_it():
    drawn = curves(SHIFT, [0.0, 0.25, 0.5, 0.75, 1.0], {"FMR 0.01": 0.5, "beyond": 2.0})
    xml.dom.minidom.parseString(drawn)
    assert drawn.count('<polyline class="genuine"') == 2  # line and legend
    assert 'aria-label="Scores of each kind of pair: one person mean 0.80, strangers mean 0.20"' in drawn
    assert f'x1="{WIDTH / 2:.1f}"' in drawn
    assert "beyond" not in drawn
    dashes = re.findall(r'stroke-dasharray="([^"]*)" points="0,4', drawn)
    assert len(set(dashes)) == 2


def test_lines_stay_inside_the_picture():
    drawn = curves(SHIFT, [-1.0, -0.5, 0.0, 0.5, 1.0], {})
    for points in re.findall(r'points="([^"]*)"', drawn)[:2]:
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT


def test_nothing_but_empty_bins_is_drawn_flat():
    assert "nan" not in curves({"twin": {"mean": 0.0, "share": [0.0, 0.0]}}, [0.0, 0.5, 1.0], {})
