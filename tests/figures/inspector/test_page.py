import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from inspector_factory import make_shown, network
from PIL import Image

from twinlib.errors import InputError
from twinlib.figures.inspector import page
from twinlib.measure.exact import confusion


@pytest.fixture
def shown(smoke_set, tmp_path):
    return make_shown(smoke_set, tmp_path / "run", network(), limit=12)


def _data(text):
    return json.loads(re.search(r'data-twi="data">(.*?)</script>', text, re.DOTALL)[1])


def test_page_carries_the_record_digit_by_digit(shown):
    data = _data(page.document(shown))
    for protocol, table in shown.scores.items():
        assert data["tests"][protocol]["scores"] == table["score"].tolist()
        assert data["tests"][protocol]["same"] == table["same"].tolist()
    assert data["thresholds"] == shown.thresholds
    assert [pair["score"] for pair in data["pairs"]] == shown.pairs["score"].tolist()


def test_pictures_and_maps_can_be_read_back(shown):
    data = _data(page.fragment(shown))
    name, entry = next(iter(data["images"].items()))
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(entry["src"].split(",")[1]))).convert("RGB"))
    assert abs(pixels.astype(int) - shown.crops[name]).mean() < 8
    for layer, packed in entry["maps"].items():
        values = np.frombuffer(base64.b64decode(packed["bytes"]), np.uint8).reshape(-1, packed["width"])
        np.testing.assert_array_equal(values, shown.maps.of(name)[layer])


def test_without_script_there_is_a_table_with_the_same_decisions(shown):
    text = re.search(r"<noscript>(.*?)</noscript>", page.fragment(shown), re.DOTALL)[1]
    said = re.findall(r"<td>(TP|FP|FN|TN)</td>", text)
    assert len(said) == len(shown.pairs) == 12
    wanted = np.zeros(4, int)
    for protocol, table in shown.pairs.groupby("protocol"):
        wanted += confusion(table["score"].to_numpy(), table["same"].to_numpy(), shown.thresholds[protocol])
    assert [said.count(name) for name in ("TP", "FP", "FN", "TN")] == wanted.tolist()


def test_the_file_is_whole_loads_nothing_and_is_valid(shown):
    text = page.document(shown)
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//|@import|url\(", text)
    opened = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "img", "input", "br"):
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Tags().feed(text)
    assert opened == []


def test_names_cannot_break_out_of_the_page(shown):
    evil = "</script><b>&"
    odd = replace(shown, title=evil, maps_from=evil, images=shown.images.assign(relation=evil))
    text = page.fragment(odd)
    assert evil not in text
    assert next(iter(_data(text)["images"].values()))["facts"]["relation"] == evil


def test_too_large_a_page_is_refused(shown, monkeypatch):
    monkeypatch.setattr(page, "LIMIT_BYTES", 10_000)
    with pytest.raises(InputError, match="Show fewer pairs"):
        page.fragment(shown)


def test_facts_that_are_not_known_are_left_out(shown):
    data = _data(page.fragment(replace(shown, images=shown.images.assign(yaw=np.nan, pitch=-0.2), maps=None)))
    facts = next(iter(data["images"].values()))
    assert "yaw" not in facts["facts"]
    assert facts["facts"]["pitch"] == "0"
    assert data["maps"] is None
    assert "maps" not in facts
