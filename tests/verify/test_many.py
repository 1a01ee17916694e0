import csv

import pytest
from PIL import Image
from seen_photos import portrait

from twinlib.cli import main
from twinlib.errors import InputError
from twinlib.verify.many import COLUMNS, verify_list
from twinlib.verify.verifier import TwinVerifier

pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")


@pytest.fixture
def here(tmp_path, monkeypatch):
    photo = Image.fromarray(portrait())
    (tmp_path / "photos").mkdir()
    photo.save(tmp_path / "photos/a.png")
    photo.rotate(90).save(tmp_path / "photos/ä b.jpg")
    photo.resize((80, 80)).save(tmp_path / "photos/small.png")
    Image.new("RGB", (64, 64)).save(tmp_path / "photos/empty.png")
    lines = ["Image 1;Image 2", "a.png;ä b.jpg", "small.png;a.png", "a.png;none.png", "empty.png;a.png", "a.png;a.png"]
    (tmp_path / "photos/list.csv").write_text("\n".join(lines), encoding="cp1252")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(file):
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_pair_of_a_list_has_its_row(here, capsys):
    assert main.main(["verify", "--pairs", "photos/list.csv", "--out", "answers.csv"]) == 0
    told = capsys.readouterr()
    assert "answers.csv: 5 pairs, 2 one person, 0 two people, 3 without an answer" in told.out
    assert "verifying" in told.err
    found = rows(here / "answers.csv")
    assert list(found[0]) == list(COLUMNS)
    assert [row["verified"] for row in found] == ["1", "", "", "", "1"]
    assert float(found[0]["score"]) > 0.95
    assert "image_a: the face is" in found[1]["reasons"]
    assert "none.png does not exist" in found[2]["error"]
    assert "empty.png: no face found" in found[3]["error"]


def test_each_photograph_is_looked_at_once_and_its_pixels_are_not_kept(here, monkeypatch):
    with TwinVerifier.from_pretrained() as verifier:
        looked, kept = [], []
        look = verifier.recogniser.look
        monkeypatch.setattr(verifier.recogniser, "look", lambda pixels, name: looked.append(name) or look(pixels, name))
        judged = verifier.judged
        monkeypatch.setattr(verifier, "judged", lambda limit, pair: kept.extend(pair.values()) or judged(limit, pair))
        verify_list(verifier, here / "photos/list.csv", here / "answers.csv")
        assert len(looked) == 4
        assert max(one.seen.pixels.size for one in kept) == 3
        assert {one.seen.crop for one in kept} == {None}
        alone = verifier.verify(here / "photos/a.png", here / "photos/ä b.jpg")
    assert float(rows(here / "answers.csv")[0]["score"]) == pytest.approx(alone["score"], abs=1e-6)


def test_a_threshold_of_the_command_counts(here):
    command = ["verify", "--pairs", "photos/list.csv", "--out", "answers.csv", "--threshold", "0.0"]
    assert main.main(command) == 0
    assert rows(here / "answers.csv")[0]["verified"] == "0"


def test_what_is_no_list_is_refused_and_nothing_is_written(here):
    (here / "other.csv").write_text("left,right\na.png,b.png\n")
    with TwinVerifier.from_pretrained(align="none") as verifier:
        with pytest.raises(InputError, match="wanted the columns image_a and image_b"):
            verify_list(verifier, here / "other.csv", here / "answers.csv", 0.5)
        with pytest.raises(InputError, match="this network has no threshold"):
            verify_list(verifier, here / "photos/list.csv", here / "answers.csv")
    assert not (here / "answers.csv").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.png"],
        [],
        ["--pairs", "x.csv"],
        ["a.png", "b.png", "--out", "x.csv"],
        ["a", "b", "--pairs", "x", "--out", "y"],
    ],
)
def test_half_a_request_is_refused(arguments, capsys):
    assert main.main(["verify", *arguments]) == 2
    assert "wanted two photographs, or --pairs LIST.csv --out ANSWERS.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "said"), [("list.csv", "is the list itself"), ("file/x.csv", "cannot write"), ("folder", "cannot write")]
)
def test_answers_that_cannot_be_written_are_refused_before_any_work(tmp_path, out, said):
    (tmp_path / "list.csv").write_text("image_a,image_b\na,b\n")
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=said):
        verify_list(object.__new__(TwinVerifier), tmp_path / "list.csv", tmp_path / out)
    assert (tmp_path / "list.csv").read_text() == "image_a,image_b\na,b\n"
