import numpy as np
import pytest
from inspector_factory import make_shown, network

from twinlib.errors import InputError
from twinlib.figures.inspector.bench import Bench, Side, blended
from twinlib.figures.inspector.edit import Face


@pytest.fixture
def bench(smoke_set, tmp_path):
    return Bench(make_shown(smoke_set, tmp_path / "run", network(), limit=8))


@pytest.mark.parametrize("kind", ["genuine", "twin", "sibling", "stranger"])
def test_second_images_make_a_pair_of_the_kind(bench, kind):
    family = bench.families(kind)[0]
    image = bench.first(family)[0]
    rows = bench.images.loc[bench.second(image, kind)]
    assert len(rows) > 0
    assert (rows["split"] == "test").all()
    same_family, same = rows["family"] == family, rows["subject"] == bench.images.loc[image, "subject"]
    assert (same_family == (kind != "stranger")).all()
    assert (same == (kind == "genuine")).all()
    assert image not in rows.index


def test_a_side_is_what_was_done_to_it(bench):
    name = bench.first(bench.families("twin")[0])[0]
    plain = bench.face(Side(name))
    np.testing.assert_array_equal(bench.face(Side(name, flip=True)).crop, plain.crop[:, ::-1])
    assert (bench.face(Side(name, occlude=0.5)).crop[50:60, 50:60] == 127).all()
    redrawn = bench.face(Side(name, redraw={"yaw": 30.0}))
    assert (redrawn.crop != plain.crop).any()
    bench.a, bench.b = Side(name), Side("other")
    bench.swap()
    assert (bench.a.name, bench.b.name) == ("other", name)


def test_photographs_go_through_the_detector(bench):
    asked = []
    bench._detect = lambda photo, size: (
        asked.append((photo, size)) or Face(np.zeros((size, size, 3), np.uint8), np.zeros((4, 4)))
    )
    bench.face(Side("mine", photo="mine.jpg"))
    assert asked == [("mine.jpg", 112)]


def test_score_is_the_cosine_and_needs_the_weights(bench):
    name = bench.first(bench.families("twin")[0])[0]
    face = bench.face(Side(name))
    assert bench.score(face, face) == pytest.approx(1.0, abs=1e-6)
    assert bench.score(face, bench.face(Side(name, flip=True))) < 1
    object.__setattr__(bench.shown, "model", None)
    with pytest.raises(InputError, match="weights of this run are not here"):
        bench.score(face, face)


def test_heat_is_laid_where_the_map_is_high():
    crop = np.full((20, 20, 3), 100, np.uint8)
    heat = np.zeros((2, 2), np.uint8)
    heat[0, 0] = 255
    out = blended(crop, heat)
    assert (out[0, 0] == [221, 100, 22]).all()
    assert (out[-1, -1] == 100).all()
