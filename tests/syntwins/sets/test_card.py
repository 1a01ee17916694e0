import json
import logging

import pytest

from syntwins.sets.card import KINDS, croissant
from syntwins.sets.cardtext import COLUMNS
from syntwins.sets.family import COLUMNS as WRITTEN
from twinlib.errors import InputError
from twinlib.files import read_json, sha256, write_json


@pytest.fixture(scope="module")
def card(tiny_folder):
    return croissant(tiny_folder)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib, inside mlcroissant
def test_the_card_is_valid_croissant_and_reads_the_manifest(card, tiny_folder, tmp_path, caplog):
    """By the vocabulary's own library, offline: no error, no warning, and its records are the manifest's rows."""
    mlcroissant = pytest.importorskip("mlcroissant")
    (tmp_path / "croissant.json").write_text(json.dumps(card))
    for name in ("manifest.csv", "dataset.json", "truth.npz"):
        (tmp_path / name).symlink_to(tiny_folder / name)
    with caplog.at_level(logging.WARNING):
        dataset = mlcroissant.Dataset(jsonld=tmp_path / "croissant.json")
    assert dataset.metadata.issues.errors == set()
    assert dataset.metadata.issues.warnings == set()
    rows = list(dataset.records("images_table"))
    assert len(rows) == 16
    assert {row["images_table/split"] for row in rows} == {b"train", b"validation", b"test"}
    assert all(-75 <= row["images_table/yaw"] <= 75 for row in rows)
    assert "no real person" in dataset.metadata.description


def test_every_column_is_explained(card):
    assert tuple(COLUMNS) == WRITTEN
    assert [field["name"] for field in card["recordSet"][0]["field"]] == list(WRITTEN)
    assert {kind for kind, _ in COLUMNS.values()} == set(KINDS)


def test_the_hashes_are_those_of_the_files(card, tiny_folder):
    hashed = {entry["name"]: entry["sha256"] for entry in card["distribution"] if "sha256" in entry}
    assert hashed == {name: sha256(tiny_folder / name) for name in ("manifest.csv", "dataset.json", "truth.npz")}


def test_other_folders_are_refused(tmp_path):
    with pytest.raises(InputError, match="twinlib synth"):
        croissant(tmp_path)
    write_json(tmp_path / "dataset.json", {"generator": "camera"})
    with pytest.raises(InputError, match="does not describe a SynTwins set"):
        croissant(tmp_path)
    assert read_json(tmp_path / "dataset.json") == {"generator": "camera"}
