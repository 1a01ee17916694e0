import shutil

import pytest

from syntwins import SETS
from twinlib.data import audit
from twinlib.data.manifest import read_manifest
from twinlib.faces.find import read_faces


def test_counts_are_those_of_the_set_s_definition(smoke_set):
    table = audit.counts(read_manifest(smoke_set)).set_index(["split", "relation"])
    for split in ("train", "validation", "test"):
        wanted = SETS["smoke"].split(split)
        for relation in ("mz", "dz", "sibling"):
            families = getattr(wanted, relation)
            assert tuple(table.loc[split, relation]) == (families, 2 * families, 2 * families * wanted.images)
    assert list(dict.fromkeys(table.index.get_level_values(0))) == ["train", "validation", "test"]


def test_a_clean_set_shares_nothing_and_a_copied_image_is_seen(smoke_set, tmp_path):
    assert audit.split_audit(read_manifest(smoke_set))["shared"].tolist() == [0, 0, 0]
    copy = tmp_path / "copy"
    shutil.copytree(smoke_set, copy)
    images = read_manifest(copy).images
    first = {split: images["path"][images["split"] == split].iloc[0] for split in ("train", "test")}
    shutil.copy(copy / first["train"], copy / first["test"])
    table = audit.split_audit(read_manifest(copy)).set_index("what")["shared"]
    assert table.to_dict() == {"family": 0, "subject": 0, "identical image file": 1}


def test_landmark_rate_counts_every_image_once_a_group(smoke_set):
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set)
    rate = audit.landmark_rate(manifest, faces)
    assert (rate.groupby("group")["images"].sum() == len(manifest.images)).all()
    assert (rate.groupby("group")["found"].sum() == (faces.frame["status"] == "found").sum()).all()
    faces.frame.loc[manifest.images["occluder"] == "mask", "status"] = "not_found"
    masked = audit.landmark_rate(manifest, faces).set_index(["group", "bin"])
    assert masked.found["occluder", "mask"] == 0 < masked.images["occluder", "mask"]


def test_photographs_without_factors_still_have_a_total(smoke_set):
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set)
    manifest.images.drop(columns=["yaw", "occluder"], inplace=True)
    assert audit.landmark_rate(manifest, faces)["group"].tolist() == ["all"]
    with pytest.raises(KeyError):
        audit.counts(manifest).loc["nowhere"]
