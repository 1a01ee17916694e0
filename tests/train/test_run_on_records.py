"""`twinlib run` on the people of a `.rec`, with class centres that are cut over processes."""

import io

import pytest
from PIL import Image
from record_files import write_training_set

from twinlib import config
from twinlib.cli import main
from twinlib.errors import InputError
from twinlib.faces.find import read_faces
from twinlib.train.lookup import claim_of, portable
from twinlib.train.run import run

QUICK = ("train.passes=96", "train.warmup=0", "triplet=null", "sampler=identities", "loss={name: sharded, s: 16.0}")


@pytest.fixture
def rec(smoke_set, tmp_path, monkeypatch):
    """Crops of the smoke set as a training set of insightface."""
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    size, images = config.load("vit", "smoke").data.size, []
    for crop in read_faces(smoke_set).crops[:24]:
        file = io.BytesIO()
        Image.fromarray(crop).resize((size, size)).save(file, "JPEG")
        images.append(file.getvalue())
    write_training_set(tmp_path / "ms1mv2.rec", images, [i // 4 for i in range(24)])
    return tmp_path / "ms1mv2.rec"


def test_a_run_trains_on_a_rec_and_is_tested_on_its_set(rec, capsys):
    settings = (*QUICK, f"data.records={rec}")
    assert main.main(["run", "vit", "--profile", "smoke", "--device", "cpu", "--set", *settings]) == 0
    found = run("vit", "smoke", "cpu", overrides=settings)
    assert found.record["config"]["data"]["records"].startswith("ms1mv2.rec ")
    assert str(rec.parent) not in str(found.record)
    assert 0 <= found.record["extra"]["finished"]["train_accuracy"] <= 1
    assert {"twin", "general"} <= set(found.protocols())


def test_the_key_of_a_run_follows_the_content_of_its_rec(rec):
    experiment = config.load("vit", "smoke", (f"data.records={rec}",))
    before = claim_of(experiment)
    elsewhere = rec.parent / "copy" / rec.name
    elsewhere.parent.mkdir()
    for end in (".rec", ".idx"):
        elsewhere.with_suffix(end).write_bytes(rec.with_suffix(end).read_bytes())
    moved = config.load("vit", "smoke", (f"data.records={elsewhere}",))
    assert claim_of(moved) == before
    with elsewhere.open("ab") as file:
        file.write(b"\0\0\0\0")
    assert claim_of(moved) != before
    assert "records" not in portable(config.load("vit", "smoke").key())["data"]


def test_what_cannot_be_is_named(rec):
    with pytest.raises(InputError, match=r"choose another sampler: identities or shuffled"):
        run("vit", "smoke", "cpu", overrides=("triplet=null", f"data.records={rec}"), may_train=True)
    rec.with_suffix(".idx").unlink()
    with pytest.raises(InputError, match=r"data\.records: .*ms1mv2\.idx does not exist"):
        run("vit", "smoke", "cpu", overrides=(f"data.records={rec}",))
