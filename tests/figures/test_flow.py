import pytest

from twinlib.errors import InputError
from twinlib.figures.flow import Box, flow

BOXES = {"in": Box(0, 0, "two\nfaces", "data"), "net": Box(1, 0, "network"), "out": Box(2, 1, "loss", "loss")}


def test_every_box_and_arrow_is_drawn_and_said():
    fig, alt = flow(BOXES, [("in", "net"), ("net", "out")], "A network")
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert [t for t in texts if t] == ["two\nfaces", "network", "loss"]
    assert texts.count("") == 2  # an arrow is an annotation without words
    assert alt == "A network: two faces → network; network → loss."


def test_boxes_stay_inside_the_picture():
    fig, _ = flow(BOXES, [("in", "net")], "A network")
    fig.canvas.draw()
    whole = fig.bbox
    for text in fig.axes[0].texts[:3]:
        box = text.get_bbox_patch().get_window_extent()
        assert whole.x0 <= box.x0 < box.x1 <= whole.x1
        assert whole.y0 <= box.y0 < box.y1 <= whole.y1


def test_an_arrow_to_nowhere_is_refused():
    with pytest.raises(InputError, match="no box is called 'loss'; there are in, net, out"):
        flow(BOXES, [("net", "loss")], "A network")
