import numpy as np
import pandas as pd
import pytest

from twinlib.data.manifest import COLUMNS
from twinlib.data.pairs import PAIR_COLUMNS
from twinlib.data.readers.collection import from_pairs, packed, subjects_implied, suffix, without_repeats
from twinlib.errors import InputError

JPEG = b"\xff\xd8\xff"


def listed(*rows):
    return pd.DataFrame(rows, columns=["fold", "image_a", "image_b", "same"])


def test_packed_images_are_numbered_and_people_follow_from_genuine_pairs():
    a, b, c, d = (JPEG + bytes([i]) for i in range(4))
    found = packed([a, b, b, c, a, d, c, d], [True, True, False, False], 2, "x.bin")
    assert list(found.images) == list(COLUMNS)
    assert list(found.pairs) == PAIR_COLUMNS
    assert list(found.images["image"]) == ["000000.jpg", "000001.jpg", "000002.jpg", "000003.jpg"]
    assert list(found.images["subject"]) == ["person000000"] * 3 + ["person000003"]
    assert list(found.pairs["fold"]) == [1, 1, 2, 2]
    assert list(found.pairs["kind"]) == ["genuine", "genuine", "stranger", "stranger"]
    with found.reading() as read:
        assert [read(path) for path in found.images["path"]] == [a, b, c, d]


def test_folds_are_equal_blocks_as_insightface_cuts_them():
    images = [JPEG + i.to_bytes(2, "big") for i in range(46)]
    found = packed(images, [True] * 23, 10, "x.bin")
    assert list(found.pairs["fold"].value_counts(sort=False)) == [len(part) for part in np.array_split(range(23), 10)]
    for folds in (0, 24):
        with pytest.raises(InputError, match=f"wanted 1 to 23 folds.*found {folds}"):
            packed(images, [True] * 23, folds, "x.bin")


def test_contradictions_and_repeats_are_noted_and_kept():
    table = listed((1, "a", "b", 1), (1, "b", "c", 1), (1, "a", "c", 0), (1, "c", "a", 0), (1, "d", "d", 0))
    subject_of, notes = subjects_implied(table, ["a", "b", "c", "d"])
    assert subject_of == {"a": "person000000", "b": "person000000", "c": "person000000", "d": "person000003"}
    assert notes[0].startswith("3 pairs of different people are one person")
    rest, notes = without_repeats(table)
    assert len(rest) == 3
    assert notes[0].startswith("2 pairs were left out")
    assert without_repeats(rest)[1] == []
    path_of = {name: name for name in "abcd"}
    assert len(from_pairs(table, path_of, subject_of, {}).pairs) == 5


def test_relatives_share_a_family_whose_relation_is_that_of_its_pairs():
    table = listed((1, "a", "b", 0), (1, "b", "c", 0), (1, "d", "e", 0), (1, "f", "g", 0))
    table["kind"] = ["twin", "sibling", "sibling", "stranger"]
    path_of = {name: name for name in "abcdefg"}
    found = from_pairs(table, path_of, path_of, {})
    families = found.images.groupby("family")["subject"].agg("".join)
    assert sorted(families) == ["abc", "de", "f", "g"]
    assert dict(zip(found.images["subject"], found.images["relation"], strict=True)) == {
        "a": "mz", "b": "mz", "c": "mz", "d": "sibling", "e": "sibling", "f": "single", "g": "single",
    }  # fmt: skip
    assert list(found.pairs["family_a"] == found.pairs["family_b"]) == [True, True, True, False]


def test_suffix_follows_the_first_bytes():
    assert [suffix(head) for head in (JPEG, b"\x89PNG..", b"RIFF", b"??")] == [".jpg", ".png", ".webp", ".img"]
