import json

import bad_files
import numpy as np
import pytest
from PIL import Image
from seen_faces import photographic, pictures_below
from skimage import data

from twinlib.cli import main
from twinlib.faces.images import read_image


@pytest.fixture
def people(tmp_path, monkeypatch):
    """Two people, a blurred picture, a file that is none."""
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    root = tmp_path / "two people"
    for i, name in enumerate(("a", "b")):
        (root / name).mkdir(parents=True)
        for k in range(2):
            bad_files.picture(10 * i + k, 120, 150).save(root / name / f"{k}.png")
    Image.new("RGB", (150, 150), (9, 9, 9)).save(root / "a" / "black.png")
    (root / "b" / "empty.jpg").touch()
    (root / "pairs.json").write_text('[["a", "b"]]')
    return root


def test_validate_says_what_is_there_and_passes(people, capsys, tmp_path):
    for i in range(14):  # with them, one in twenty is unreadable
        bad_files.picture(40 + i, 120, 150).save(people / "a" / f"more {i}.png")
    assert main.main(["data", "validate", str(people)]) == 0
    said = capsys.readouterr().out
    assert "20 images, 19 readable, 2 people, 1 families" in said
    assert "b/empty.jpg is empty" in said
    assert (tmp_path / "build/data/two people/check/report.json").is_file()
    assert sorted(path.name for path in people.iterdir()) == ["a", "b", "pairs.json"]  # nothing is written here


def test_validate_fails_on_errors(people, capsys):
    (people / "b" / "of a.png").write_bytes((people / "a" / "0.png").read_bytes())
    assert main.main(["data", "validate", str(people)]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "2 errors to fix: one file under two people (1); unreadable or missing files (1)" in error


@pytest.mark.parametrize("command", ["validate", "analyse", "quality"])
def test_a_set_of_which_too_little_can_be_read_is_an_error(people, capsys, command):
    assert main.main(["data", command, str(people)]) == 2
    said = capsys.readouterr()
    assert "6 " in said.out  # all is told first
    assert ("unreadable or missing files (1)" if command == "validate" else "1 of 6 images cannot be read") in said.err


def test_json_is_json(people, capsys, tmp_path):
    (people / "b" / "empty.jpg").unlink()
    assert main.main(["data", "analyse", str(people), "--json", "--out", str(tmp_path / "out")]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 5
    assert (tmp_path / "out/images.csv").is_file()


def test_quality_lists_the_pictures_to_look_at(people, capsys):
    (people / "b" / "empty.jpg").unlink()
    assert main.main(["data", "quality", str(people), "--worst", "1"]) == 0
    said = capsys.readouterr().out
    assert "a/black.png: blurred, dark, flat" in said
    assert "of 5 pictures" in said


def test_faces_report_and_crops(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    (tmp_path / "in" / "a").mkdir(parents=True)
    Image.fromarray(data.astronaut()[:300, 80:380]).save(tmp_path / "in/a/1.png")
    assert main.main(["data", "alignment", str(tmp_path / "in")]) == 0
    assert "found: 1" in capsys.readouterr().out
    assert main.main(["data", "report", str(tmp_path / "in")]) == 0
    assert "Data set in" in (page := tmp_path / "build/data/in/check/report.html").read_text()
    assert not any(photographic(picture) for picture in pictures_below(page.parent))
    assert main.main(["data", "report", str(tmp_path / "in"), "--gallery", "local"]) == 0
    assert any(photographic(picture) for picture in pictures_below(page.parent))
    assert main.main(["data", "preprocess", str(tmp_path / "in"), str(tmp_path / "crops"), "--size", "224"]) == 0
    assert "1 crops of 224 px" in capsys.readouterr().out
    assert np.ptp(read_image(tmp_path / "crops/a/1.png.png")) > 100


def test_split_of_a_data_set(tmp_path, capsys):
    rows = [f"i{f}{k},x.png,s{f},f{f},single" for f in range(10) for k in range(2)]
    (tmp_path / "manifest.csv").write_text("\n".join(["image,path,subject,family,relation", *rows]))
    assert main.main(["data", "split", str(tmp_path), "--validation", "0.2", "--test", "0.1", "--seed", "3"]) == 0
    assert capsys.readouterr().out.split() == [
        *("split", "relation", "families", "subjects", "images"),
        *("train", "single", "7", "7", "14"),
        *("validation", "single", "2", "2", "4"),
        *("test", "single", "1", "1", "2"),
    ]
    assert main.main(["data", "split", str(tmp_path)]) == 2
    assert "--overwrite" in capsys.readouterr().err
