import json

import numpy as np
import pandas as pd
import pytest
from audit_cases import FAMILIES, asked, manifest

from syntwins import SETS
from twinlib.audit import protocol as audit
from twinlib.errors import InputError


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("sets"))


def test_all_pairs_inside_families_are_there_once(small):
    main = small.pairs[small.pairs["set"] == "audit"]
    count = main["kind"].value_counts()
    people = 2 * FAMILIES["mz"] + 2 * FAMILIES["sibling"] + FAMILIES["single"]
    assert count["genuine"] == 6 * people
    assert count["twin"] == 16 * FAMILIES["mz"]
    assert count["sibling"] == 16 * FAMILIES["sibling"]
    assert (count["stranger"], count["alike"]) == (20_000, 5_000)
    both = small.pairs.groupby("kind")[["a", "b"]].apply(lambda part: part.duplicated().sum())
    assert both.sum() == 0


def test_kinds_are_what_the_images_say(small):
    a, b = (small.images.iloc[small.pairs[side]].reset_index(drop=True) for side in "ab")
    kind = small.pairs["kind"]
    np.testing.assert_array_equal(a["subject"] == b["subject"], kind == "genuine")
    np.testing.assert_array_equal(a["family"] == b["family"], kind.isin(("genuine", "twin", "sibling")))
    assert (a["relation"][kind == "twin"] == "mz").all()
    alike = kind == "alike"
    assert all((a[name] == b[name])[alike].all() for name in audit.ALIKE)
    assert not (a["sex"] == b["sex"])[kind == "stranger"].all()
    assert (a["set"] == b["set"]).all()
    assert set(a["set"][kind.isin(("stranger", "alike"))]) == {"audit"}
    np.testing.assert_array_equal(small.pairs["family_a"], a["family"])


def test_the_draw_is_the_same_for_everybody_and_few_pairs_are_all_taken(small, tmp_path):
    again = asked(tmp_path / "again")
    pd.testing.assert_frame_equal(again.pairs, small.pairs)
    few = audit.protocol({"audit": manifest(tmp_path / "few", {"single": 3}, 2)}, {}, 500, 0)
    assert (few.pairs["kind"] == "stranger").sum() == 12


def test_names_are_different_in_different_sets(small):
    assert small.images["image"].is_unique
    assert small.images["image"].iloc[0] == "audit/f0-a-0"


def test_every_named_set_of_the_audit_exists_and_gives_enough_strangers():
    assert {audit.MAIN, audit.WIDE, *audit.CAUSES} <= set(SETS)
    assert audit.STRANGERS >= 1e5
    assert audit.STRANGERS * 1e-4 >= 10


def test_export_writes_pictures_and_pairs(tmp_path):
    root = manifest(tmp_path / "set", {"mz": 1}, 2)
    for member in "ab":
        (root / f"images/f0-{member}").mkdir(parents=True)
        for image in range(2):
            (root / f"images/f0-{member}/{image}.jpg").write_bytes(f"{member}{image}".encode())
    small = audit.protocol({"audit": root}, {"protocol": 7}, 0, 0)
    small = small._replace(pairs=pd.concat([small.pairs, small.pairs[:2]]))  # as strangers that are look-alikes too
    assert "4 images, 6 pairs" in audit.export(small, tmp_path / "out")
    pairs = pd.read_csv(tmp_path / "out/pairs.csv")
    assert list(pairs) == ["image_a", "image_b"]
    for name in set(pairs["image_a"]) | set(pairs["image_b"]):
        assert (tmp_path / "out" / name).is_file()
    assert not pairs.duplicated().any()
    first = pairs.iloc[0]
    assert (tmp_path / "out" / first["image_a"]).read_bytes() == b"a0"
    assert json.loads((tmp_path / "out/version.json").read_text()) == {"protocol": 7}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    small = audit.protocol({"audit": manifest(tmp_path / "set", {"single": 2}, 1)}, {}, 1, 0)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"):
        audit.export(small, tmp_path / "file/out")


def test_an_export_takes_no_place_of_other_files(tmp_path):
    (tmp_path / "mine").mkdir()
    audit.refuse_other_folder(tmp_path / "mine")
    audit.refuse_other_folder(tmp_path / "none")
    (tmp_path / "mine/photo.jpg").write_text("")
    with pytest.raises(InputError, match=r"mine: it contains other files, which would be lost\. Name a new folder"):
        audit.refuse_other_folder(tmp_path / "mine")
    (tmp_path / "mine/version.json").write_text("{}")
    audit.refuse_other_folder(tmp_path / "mine")
