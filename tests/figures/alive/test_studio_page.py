import json
import re

import pytest
from plaything_factory import NETWORKS, make_studio, score

from twinlib.figures.alive import studio_page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return studio_page.fragment(make_studio(tmp_path_factory.mktemp("page") / "studio"), "studio")


def _data(text):
    return json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1])


def test_every_setting_of_every_family_is_there(page):
    data = _data(page)
    assert {len(scores) for family in data["scores"].values() for scores in family} == {3**5}
    assert len(data["families"]) == 3
    for i, network in enumerate(data["networks"]):
        low, high = network["scale"]
        every = [s for family in data["scores"].values() for s in family[i] if s is not None]
        assert low < min([*every, network["threshold"]])
        assert max([*every, network["threshold"]]) < high


def test_the_first_state_is_whole_without_a_script(page):
    first = page.split("<script")[0]
    said = re.findall(r'al-score">([^<]+)</span>, threshold ([\d.]+): <span class="al-verdict">([^<]+)', first)
    for i, (value, threshold, verdict) in enumerate(said):
        wanted = score(i, 0, 1, 1, 1, 0, 0)
        assert float(value) == pytest.approx(wanted, abs=5e-4)
        assert float(threshold) == NETWORKS[i]["threshold"]
        assert verdict == studio_page.SAID[wanted >= NETWORKS[i]["threshold"]]
    assert len(said) == len(NETWORKS)
    assert re.findall(r'src="([^"]+)"', first) == ["studio/light/a-1.webp", "studio/light/b-100.webp"]
    assert first.count('type="range"') == 5
    assert first.split("<details>")[0].count('type="range"') == studio_page.OPEN


def test_its_own_bytes_are_few(page):
    assert len(page.encode()) < 60_000


def test_a_network_without_a_face_says_so():
    row = studio_page.judge_row({"words": "x", "threshold": 0.5, "scale": [0, 1]}, None)
    assert "no face found" in row
    assert 'data-same="0"' in row


def test_a_scale_holds_scores_and_threshold_and_is_never_empty():
    assert studio_page.scaled({"threshold": 0.5}, [0.5])["scale"] == [0.4, 0.6]
