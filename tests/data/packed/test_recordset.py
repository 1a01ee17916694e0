import io

import numpy as np
import pytest
from PIL import Image
from record_files import packed, write_records, write_training_set

from twinlib.data.feed.samplers import Identities, Shuffled
from twinlib.data.packed.recordset import record_set
from twinlib.errors import InputError
from twinlib.faces.images import read_image


def photo(seed, size=112):
    rough = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(rough).resize((size, size)).save(file, "JPEG")
    return file.getvalue()


IMAGES = [photo(seed) for seed in range(6)]
PEOPLE = [70, 70, 4, 4, 4, 11]


@pytest.fixture
def rec(tmp_path):
    write_training_set(tmp_path / "train.rec", IMAGES, PEOPLE)
    return tmp_path / "train.rec"


def test_crops_and_people_are_those_of_the_file(rec):
    data = record_set(rec)
    assert data.subject.tolist() == data.family.tolist() == [2, 2, 0, 0, 0, 1]
    assert data.crops.shape == (6, 112, 112, 3)
    rows = np.array([4, 0, 4])
    np.testing.assert_array_equal(data.crops[rows], np.stack([read_image(IMAGES[row]) for row in rows]))
    np.testing.assert_array_equal(data.crops[1], read_image(IMAGES[1]))
    assert data.boxes[rows].shape == (3, 4, 4)
    assert not data.twins.any()


def test_samplers_that_need_no_twins_draw_from_it(rec):
    data = record_set(rec)
    picked = Identities(data, 2, 2, seed=0).pick(3)
    assert (data.subject[picked.rows].reshape(2, 2) == data.subject[picked.rows][::2, None]).all()
    assert sorted(np.concatenate([Shuffled(data, 2, seed=0).pick(n).rows for n in range(3)])) == [0, 1, 2, 3, 4, 5]


def test_crops_of_another_size_and_damaged_ones_are_named(tmp_path, rec):
    with pytest.raises(InputError, match=r"record 1 has 112 × 112 px; .* 96 px\. Set data\.size"):
        record_set(rec, 96)
    write_records(tmp_path / "x.rec", [(1, packed(1.0, IMAGES[0])), (2, packed(1.0, b"\xff\xd8\xff text"))])
    data = record_set(tmp_path / "x.rec")
    with pytest.raises(InputError, match=r"x\.rec: record 2 is .*data import` leaves out"):
        data.crops[np.array([0, 1])]
