import json

import numpy as np
import pytest
from inspector_factory import make_record, make_shown, network

from twinlib.data.manifest import Manifest, read_manifest
from twinlib.errors import InputError
from twinlib.faces.find import read_faces
from twinlib.figures.inspector import shown_pairs, stored_maps


def test_pairs_are_those_of_the_record_and_spread_over_its_scores(smoke_set, tmp_path):
    run, manifest = make_record(smoke_set, tmp_path / "run"), read_manifest(smoke_set)
    chosen = shown_pairs.chosen_pairs(run, manifest, 20)
    assert chosen.groupby("kind").size().to_dict() == dict.fromkeys(shown_pairs.KINDS, 5)
    subject = manifest.images.set_index("image")["subject"]
    assert ((subject[chosen["image_a"]].to_numpy() == subject[chosen["image_b"]].to_numpy()) == chosen["same"]).all()
    for row in chosen.itertuples():
        stored = run.scores(row.protocol).set_index("pair").loc[row.pair]
        assert (stored.score, stored.same, stored.kind, stored.split) == (row.score, row.same, row.kind, "test")
    twins = run.scores("twin").query("split == 'test' and kind == 'twin'")["score"]
    shown = chosen[chosen["kind"] == "twin"]["score"]
    assert (shown.min(), shown.max()) == (twins.min(), twins.max())


def test_crops_and_facts_are_the_images_own(smoke_set, tmp_path):
    shown = make_shown(smoke_set, tmp_path / "run", limit=8)
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set)
    for row, image in manifest.images["image"].items():
        if image in shown.crops:
            np.testing.assert_array_equal(shown.crops[image], faces.crops[row])
            assert shown.images.loc[image, "yaw"] == manifest.images.loc[row, "yaw"]
    assert set(shown.crops) == {*shown.pairs["image_a"], *shown.pairs["image_b"]}


def test_maps_come_from_the_file_else_from_the_weights_else_from_nowhere(smoke_set, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    computed = make_shown(smoke_set, tmp_path / "run", network(), limit=8)
    assert "computed from the trained weights" in computed.maps_from
    assert "no maps are stored" in make_shown(smoke_set, tmp_path / "run", limit=8).maps_from
    stored_maps.write_maps(stored_maps.stored_file("run"), computed.maps)
    stored = make_shown(smoke_set, tmp_path / "run", limit=8)
    assert "stored with the record" in stored.maps_from
    assert stored.maps.layers.keys() == computed.maps.layers.keys()
    assert "no maps are stored" in make_shown(smoke_set, tmp_path / "run", limit=40).maps_from  # not of every image


def test_photographs_and_other_data_are_refused(smoke_set, tmp_path):
    run, manifest = make_record(smoke_set, tmp_path / "run"), read_manifest(smoke_set)
    (tmp_path / "photos").mkdir()
    photographs = Manifest(tmp_path / "photos", manifest.images, manifest.sha256)
    with pytest.raises(InputError, match="rendered faces only"):
        shown_pairs.inspected(run, photographs, read_faces(smoke_set))
    (tmp_path / "photos/dataset.json").write_text(json.dumps({"generator": "camera"}))
    assert not shown_pairs.is_rendered(photographs.root)
    with pytest.raises(InputError, match="another data set"):
        shown_pairs.chosen_pairs(run, Manifest(smoke_set, manifest.images, "0" * 64))
