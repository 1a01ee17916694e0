import dataclasses

import pandas as pd
import pytest

from twinlib import files, paths
from twinlib.errors import InputError
from twinlib.records import runs
from twinlib.train.run import run
from twinlib.train.stored import further
from twinlib.train.stored.further import rescored, score_further


@pytest.fixture
def trained(smoke_set, tmp_path, monkeypatch):
    """A record whose weights are kept."""
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    return run("vit", "smoke", "cpu", overrides=("train.passes=96", "train.warmup=0"))


def test_without_its_weights_a_record_cannot_be_scored_again(trained):
    record = trained.record | {"extra": trained.record["extra"] | {"weights_after": "0"}}
    with pytest.raises(InputError, match=r"its weights are not on this machine. Train it again with `twinlib run vit"):
        score_further(runs.Run(trained.folder, record), "null")


def test_a_protocol_is_added_and_nothing_else_changes(trained, smoke_set, tmp_path):
    file = paths.build_dir() / "checkpoints" / trained.record["hashes"]["run"][:16] / "model.safetensors"
    assert files.sha256(file) == trained.record["extra"]["weights_after"]
    copy = runs.write_run(
        trained.record, trained.metrics(), {name: trained.scores(name) for name in trained.protocols()},
        folder=tmp_path / "copy",
    )  # fmt: skip
    before = copy.metrics()
    grown = score_further(copy, "smoke")
    # the same set and pairs as the run's own twins: the same scores, by the network read back from its file
    pd.testing.assert_frame_equal(grown.scores("twin@smoke"), trained.scores("twin"))
    pd.testing.assert_frame_equal(grown.metrics().query("protocol != 'twin@smoke'").reset_index(drop=True), before)
    kept = [file.read_text() for file in (trained.folder / "metrics.csv", copy.folder / "metrics.csv")]
    assert kept[1].startswith(kept[0])  # to the byte
    changed = {name for name in grown.record if grown.record[name] != trained.record[name]}
    assert changed == {"extra", "files", "scores", "seal"}
    assert grown.record["extra"]["sets"]["smoke"] == trained.record["hashes"]["manifest"]
    assert set(grown.record["extra"]["further"]) == {"smoke"}
    assert score_further(grown, "smoke").record == grown.record


def test_a_set_without_validation_families_takes_the_threshold_of_the_runs_own(trained, monkeypatch, tmp_path):
    whole = further.twins_of

    def test_only(*given):
        scored = whole(*given)
        kept = {name: pairs[pairs["split"] == "test"] for name, pairs in scored.lists.items()}
        return dataclasses.replace(scored, lists=kept)

    monkeypatch.setattr(further, "twins_of", test_only)
    scores = {name: trained.scores(name) for name in trained.protocols()}
    grown = score_further(runs.write_run(trained.record, trained.metrics(), scores, folder=tmp_path / "r"), "smoke")
    table = grown.metrics().set_index(["protocol", "metric"])
    assert table.threshold["twin@smoke", "balanced_accuracy"] == table.threshold["twin", "balanced_accuracy"]
    assert set(grown.scores("twin@smoke")["split"]) == {"test"}


def test_another_training_set_is_refused(trained):
    record = trained.record | {"hashes": trained.record["hashes"] | {"manifest": "0"}}
    with pytest.raises(InputError, match="was trained on another content of 'smoke'"):
        score_further(runs.Run(trained.folder, record), "null")


def test_a_network_on_another_set_has_a_record_of_its_own_with_that_sets_thresholds(trained, smoke_set, tmp_path):
    again = rescored(trained, "smoke")
    assert again.folder.parent == paths.build_dir() / "rescored"
    pd.testing.assert_frame_equal(again.scores("twin"), trained.scores("twin"))  # the same set and the same network
    pd.testing.assert_frame_equal(again.metrics(), trained.metrics())
    assert again.record["dataset"] == "smoke"
    assert again.record["hashes"]["run"] == trained.record["hashes"]["run"]
    stamp = (again.folder / "run.json").stat().st_mtime_ns
    assert rescored(trained, "smoke").record == again.record
    assert (again.folder / "run.json").stat().st_mtime_ns == stamp  # made once


def test_without_weights_there_is_no_record_on_another_set(trained, monkeypatch):
    monkeypatch.setattr(further, "trained_model", lambda run: None)
    lost = runs.Run(trained.folder.with_name("lost"), trained.record)
    assert rescored(lost, "smoke") is None
