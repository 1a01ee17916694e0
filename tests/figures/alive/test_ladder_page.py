import json
import re

import numpy as np
from run_factory import make_run

from twinlib.figures.alive import ladder_page


def _runs(name):
    return [make_run(name, seed, config={"evaluate": {"draws": 50}}) for seed in (0, 1)]


def test_rungs_have_interval_seeds_and_a_place_without_script(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    rows = {"AHAN": _runs("ahan"), "plain ViT": _runs("vit"), "not run": []}
    faces = {"all cues, visible": (np.zeros((8, 8, 3), np.uint8),) * 2}
    text = ladder_page.fragment(rows, faces, {"all cues, visible": "twin_studio.html#studio=light.1.1.1.0.0"})
    data = json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1])
    assert [row["words"] for row in data["rows"]] == ["AHAN", "plain ViT"]
    rung = data["rows"][0]["rungs"]["all cues, visible"]
    assert rung["low"] <= rung["value"] <= rung["high"]
    assert len(rung["seeds"]) == 2
    first = text.split("<script")[0]
    assert rung["said"] in first
    assert "studio=light.1.1.1.0.0" in first
    assert first.count('class="al-seed"') == 4
