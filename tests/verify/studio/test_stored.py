import itertools

import numpy as np
import pytest
from PIL import Image
from plaything_factory import Blind

from twinlib import files
from twinlib.verify.studio import stored
from twinlib.verify.studio.judges import Judge
from twinlib.verify.studio.turned import FACTORS, SIZE


def _plain(side):
    def drawn(name, at):
        steps = [FACTORS[key].values.index(value) for key, value in at.items()]
        return np.full((SIZE, SIZE, 3), 20 + 5 * sum(s * 3**i for i, s in enumerate(steps)) % 200 + side, np.uint8)

    return drawn


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setattr(stored.turned, "first", _plain(0))
    monkeypatch.setattr(stored.turned, "second", _plain(1))

    def level(judged, photographs):
        means = np.array([photo.mean() for photo in photographs])
        return [np.stack([means / 1000, np.ones(len(means))], 1)]

    monkeypatch.setattr(stored, "embeddings", level)
    stored.make(tmp_path, [Judge("made up", "nothing", Blind(), 0.5)], ["dark"])
    return tmp_path


def test_scores_are_of_the_stored_pictures_in_their_order(made):
    data = files.read_json(made / stored.FILE)
    (scores,) = data["scores"]["dark"]
    assert len(scores) == 3**5
    at = 0
    for d, age, yaw, asymmetry, marks in itertools.product(range(3), repeat=5):
        tiles = [
            stored.tiles_of(np.asarray(Image.open(made / "dark" / name)))[3 * asymmetry + marks].mean() / 1000
            for name in (stored.strip_name("a", d), stored.strip_name("b", d, age, yaw))
        ]
        assert scores[at] == pytest.approx(tiles[0] * tiles[1] + 1, abs=1e-4)
        at += 1
    assert data["factors"]["marks"]["start"] == 1


def test_too_heavy_a_family_stops_the_build(made, monkeypatch, tmp_path):
    monkeypatch.setattr(stored, "LIMIT_BYTES", 100)
    with pytest.raises(ValueError, match="lower QUALITY"):
        stored.make(tmp_path / "other", [], ["dark"])


def test_what_is_there_is_not_made_again(made, monkeypatch):
    monkeypatch.setattr(stored, "make", None)
    found = stored.ready("smoke", made)
    assert found["families"] == {"dark": "dark skin"}
    assert list(found["factors"]) == list(FACTORS)  # by which the page's script looks scores up
