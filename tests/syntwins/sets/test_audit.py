import json
import shutil

import numpy as np
import pytest

from syntwins.sets.audit import EDGES, audit_set
from syntwins.sets.plan import plan_families
from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.files import read_json, write_json


@pytest.fixture
def copy(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "tiny")


def test_a_sound_set_is_called_sound_and_the_tables_add_up(tiny, tiny_folder):
    audit = audit_set(tiny_folder)
    assert audit.problems == []
    assert str(audit).endswith("tiny: sound")
    images, plans = read_manifest(tiny_folder).images, plan_families(tiny)
    per_split = images["split"].value_counts()
    factors = audit.tables["factors"]
    for factor in (*EDGES, "occluder", "expression"):
        part = factors[factors.factor == factor]
        assert part[per_split.index].sum().to_dict() == per_split.to_dict()
    balance = audit.tables["balance"]
    assert balance.loc[balance.group == "tone_bin", ["train", "validation", "test"]].to_numpy().sum() == len(plans)
    (dark,) = [sum(p.tone_bin == "dark" and p.split == "train" for p in plans)]
    row = balance[(balance.group == "tone_bin") & (balance.bin == "dark")]
    assert row["train"].sum() == dark


def test_an_image_that_stands_twice_is_found(copy):
    images = read_manifest(copy).images
    first = {split: images["path"][images["split"] == split].iloc[0] for split in ("train", "test")}
    shutil.copy(copy / first["train"], copy / first["test"])
    assert audit_set(copy).problems == ["1 × identical image file in two splits", "1 × image file that repeats another"]


def test_a_face_in_two_families_is_found(copy):
    with np.load(copy / "truth.npz") as file:
        truth = dict(file)
    for name in ("semantic", "asymmetry"):
        truth[name][0] = truth[name][-1]
    np.savez(copy / "truth.npz", **truth)
    audit = audit_set(copy)
    assert audit.problems == ["1 × face shape in two families"]
    assert "NOT SOUND: 1 × face shape" in str(audit)


def test_a_changed_manifest_is_found(copy):
    manifest = copy / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("neutral", "serious"))
    assert audit_set(copy).problems == ["manifest.csv is not the file that dataset.json records"]


def test_the_audit_is_json(tiny_folder):
    audit = audit_set(tiny_folder)
    again = json.loads(json.dumps(audit.plain(), allow_nan=False))
    assert again["tables"]["factors"] == audit.tables["factors"].to_dict("records")


def test_other_folders_are_refused(copy, tmp_path):
    with pytest.raises(InputError, match="twinlib synth nowhere"):
        audit_set(tmp_path / "nowhere")
    described = read_json(copy / "dataset.json")
    write_json(copy / "dataset.json", described | {"generator_version": 1})
    with pytest.raises(InputError, match=r"by generator 1.*twinlib synth tiny"):
        audit_set(copy)
    write_json(copy / "dataset.json", described | {"generator": "camera"})
    with pytest.raises(InputError, match="SynTwins"):
        audit_set(copy)
