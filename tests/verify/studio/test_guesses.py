import numpy as np
import pytest
from PIL import Image

from twinlib import files
from twinlib.verify.recognise.pair import ShippedPair
from twinlib.verify.studio import guesses
from twinlib.verify.studio.judges import Judge


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guess")
    guesses.make(folder, [Judge("SFace", "photographs", ShippedPair("none"), 0.5)], pairs=4)
    return folder


def test_half_the_pairs_show_one_person_and_scores_are_of_the_stored_crops(made):
    data = files.read_json(made / guesses.FILE)
    assert [pair["same"] for pair in data["pairs"]] == [1, 0, 1, 0]
    shipped = ShippedPair("none")
    for pair in data["pairs"]:
        both = np.asarray(Image.open(made / pair["file"]).convert("RGB"))
        assert both.shape == (112, 224, 3)
        e = shipped.embed([shipped.look(both[:, :112], "a"), shipped.look(both[:, 112:], "b")])
        assert pair["scores"] == [pytest.approx(float(e[0] @ e[1]), abs=1e-3)]
    assert data["pairs"][0]["asymmetry"] == 0
    assert data["pairs"][1]["asymmetry"] > 0
    assert all(2 < value < 110 for pair in data["pairs"] for side in pair["marks"] for at in side for value in at)


def test_intervals_are_exact(made):
    table = files.read_json(made / guesses.FILE)["intervals"]
    assert [len(row) for row in table] == list(range(2, 12))
    assert table[9][7] == [0.348, 0.933]
    assert table[9][10][1] == 1


def test_what_is_there_is_not_made_again(made, monkeypatch):
    monkeypatch.setattr(guesses, "make", None)
    assert len(guesses.ready("smoke", made)["pairs"]) == 4
