import json

import pandas as pd

from twinlib.data.check import report
from twinlib.data.check.report import check


def test_numbers_by_hand(tree, tmp_path):
    found = check(tree, out=tmp_path / "out")
    n = found.numbers
    assert (n["images"], n["readable"], n["subjects"], n["families"]) == (27, 26, 6, 3)
    assert n["families_by_relation"] == {"mz": 2, "single": 1}
    assert n["exact_duplicates"] == {"groups": 2, "surplus_images": 2}
    assert n["near_duplicates"] == {"groups": 3, "surplus_images": 3}
    assert n["measured"]["width"]["0.5"] == 96
    assert n["faces"] is None
    assert [one.what for one in found.errors] == ["one file under two people"]
    rank = ["error", "warning", "note"]
    order = [rank.index(one.severity) for one in found.found]
    assert order == sorted(order)


def test_files_say_the_same(tree, tmp_path):
    found = check(tree, out=tmp_path / "out")
    stored = json.loads((tmp_path / "out/report.json").read_text())
    assert stored == json.loads(found.as_json())
    assert str(tmp_path) not in json.dumps(stored)
    table = pd.read_csv(tmp_path / "out/images.csv")
    assert table["image"].tolist() == found.images["image"].tolist()


def test_the_detector_is_asked_only_when_wanted(tree, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "alignment", None)  # any call would fail
    check(tree, out=tmp_path / "out")
