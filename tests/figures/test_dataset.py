import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from seen_faces import holds, photographic, pictures
from skimage import data

from twinlib.data.check.report import check
from twinlib.figures.dataset import alignment_html, figures, findings_html, page
from twinlib.figures.gallery import MARK


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    root = tmp_path_factory.mktemp("private")
    near = Image.fromarray(data.astronaut()).crop((80, 0, 380, 300))
    for name, angle in {"a & b/1.png": 0, "a & b/2.png": 5, "c/1.png": -5}.items():
        (root / name).parent.mkdir(exist_ok=True)
        near.rotate(angle).save(root / name)
    (root / "c" / "cut.png").write_bytes(b"<script>")
    return root, check(root, faces=True, out=tmp_path_factory.mktemp("out"))


def test_a_page_of_private_data_holds_no_face_unless_asked_for(looked):
    root, report = looked
    crops = [np.array(report.alignment.faces.crops[row]) for row in report.alignment.rows[report.alignment.found]]
    hidden, local = page(report, root), page(report, root, "local")
    assert any(holds(picture, crop) for picture in pictures(local) for crop in crops)  # the search does find faces
    assert not any(holds(picture, crop) for picture in pictures(hidden) for crop in crops)
    assert any(photographic(picture) for picture in pictures(local))
    assert pictures(hidden)  # the drawn heads
    assert not any(photographic(picture) for picture in pictures(hidden))
    assert MARK in local
    assert MARK not in hidden
    assert "drawn heads in place of the photographs" in hidden


def test_page_is_whole_and_escaped(looked):
    root, report = looked
    text = page(report, root)
    assert not re.search(r"(src|href)=[\"'](?!data:)", text)
    assert "<script>" not in text
    assert str(root) not in text
    assert text.count("<img") == len(re.findall(r'<img[^>]* alt="[^"]{20,}"', text)) == 8


def test_every_figure_says_what_it_shows(looked):
    _, report = looked
    alts = [alt for _, alt in figures(report)]
    assert len(alts) == 7
    assert "over 3 faces" in alts[-1]
    assert "SymFace" in alts[-1]


def test_no_findings_is_said():
    assert "Nothing was found" in findings_html(())


def test_alignments_side_by_side():
    auc = {"auc": 0.99, "auc_low": 0.98, "auc_high": 0.995}
    one = {"network": "net", "align": "points", "pairs": 600, "accuracy": 0.9817, "accuracy_sd": 0.002} | auc
    gain = {"auc_gain": -0.001, "auc_gain_low": -0.002, "auc_gain_high": 0.0005}
    page = alignment_html(pd.DataFrame([one, one | {"align": "landmarks"} | gain]))
    first, second = [re.findall("<td>(.*?)</td>", row) for row in page.split("<tr>")[1:]]
    assert first == ["net", "others' points", "600", "98.17 ± 0.20", "0.99000 [0.98000, 0.99500]", ""]
    assert second[1] == "our detector"
    assert second[-1] == "-0.00100 [-0.00200, +0.00050]"
