import json
import subprocess
import sys
from pathlib import Path

import bad_files
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


# In a process of its own, because the largest memory a process ever had does not fall again.
CODE = """
import resource, sys
from pathlib import Path
from twinlib.data.check.report import check
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
numbers = check(Path(sys.argv[1]), out=Path(sys.argv[2]), workers=1).numbers
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(numbers["images"], numbers["families"], numbers["near_duplicates"]["groups"], grown)
"""


def test_a_tree_of_many_small_images_in_flat_memory(tmp_path):
    """The shape of ND_TWIN, smaller: 40 people, 400 files, 20 pictures; each file ends in bytes of its own."""
    stock = [bad_files.encoded(bad_files.picture(i), "JPEG") for i in range(20)]
    for n in range(400):
        file = tmp_path / "tree" / f"person{n % 40:02d}" / f"{n // 40:03d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(stock[n % 20] + n.to_bytes(4, "big"))
    pairs = [[f"person{p:02d}", f"person{p + 1:02d}"] for p in range(0, 40, 2)]
    (tmp_path / "tree/pairs.json").write_text(json.dumps(pairs))
    command = [sys.executable, "-c", CODE, str(tmp_path / "tree"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    images, families, groups, grown_mb = done.stdout.split()
    assert (images, families, groups) == ("400", "20", "20")
    assert float(grown_mb) < 80
