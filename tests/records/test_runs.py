import gzip
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from run_factory import make_run, pair_list

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.records.runs import list_runs, read_run, readable_runs, runs_dir, score_table, write_run


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    return tmp_path


def test_a_record_survives_the_disk(results):
    run = make_run()
    again = read_run(run.folder)
    assert run.folder == results / "runs" / run.record["run_id"]
    assert again.record == run.record
    assert again.protocols() == ["twin"]
    assert again.history().empty
    assert "twin         auc" in again.summary()


def test_stored_scores_give_the_stored_metrics():
    run = make_run()
    test = run.scores("twin").query("split == 'test'")
    stored = run.metrics().set_index("metric").value["auc"]
    assert metrics.auc(test.score.to_numpy(), test.same.to_numpy()) == pytest.approx(stored, abs=5.1e-7)


def test_rounding_happens_before_the_metrics():
    pairs = pair_list(2)
    raw = np.linspace(-1, 1, len(pairs)) / 3
    table = score_table(pairs, raw)
    assert table.score.to_numpy() == pytest.approx(raw, abs=2 / 3 / 128)
    run = write_run(make_run().record, make_run().metrics(), {"twin": table})
    pd.testing.assert_frame_equal(run.scores("twin"), table)  # to the bit
    with pytest.raises(InputError, match="scores: 1 of 16 values are NaN or infinite"):
        score_table(pairs[:16], np.append(raw[:15], np.nan))


def test_the_same_scores_are_the_same_bytes(results):
    first = make_run().folder
    before = {file: file.read_bytes() for file in first.rglob("*") if file.name != "run.json"}
    assert {file.name for file in before} == {"metrics.csv", "scores.npz"}
    shutil.rmtree(first)
    make_run()
    assert {file: file.read_bytes() for file in first.rglob("*") if file.name != "run.json"} == before
    make_run("other", seed=3)
    assert len(list((results / "runs/pairs").iterdir())) == 1  # the same pairs are stored once


def test_runs_are_listed_in_order():
    first, second = make_run(seed=0), make_run(seed=1)
    assert [run.folder for run in list_runs()] == sorted([first.folder, second.folder])


def test_a_folder_whose_writing_was_cut_off_is_no_record(results):
    run = make_run()
    (run.folder / "run.json").unlink()
    assert list_runs() == []


def test_refusals(results):
    run = make_run()
    with pytest.raises(InputError, match=r"has no scores of 'general'; it has twin"):
        run.scores("general")
    with pytest.raises(InputError, match=r"run\.json does not exist"):
        read_run(results / "runs/none")
    with pytest.raises(InputError, match=r"metrics\.csv: the columns \['k'\] are missing"):
        write_run(run.record, run.metrics().drop(columns="k"), {})
    with pytest.raises(InputError, match=r"scores/twin: the columns \['score'\]"):
        write_run(run.record, run.metrics(), {"twin": run.scores("twin").drop(columns="score")})
    with pytest.raises(InputError, match="2 scores for 480 pairs"):
        score_table(pair_list(), np.zeros(2))
    (run.folder / "run.json").write_text('{"schema": 1')
    with pytest.raises(InputError, match=r"run\.json is not valid JSON"):
        list_runs()


def test_a_record_of_800_test_families_and_seven_protocols_takes_at_most_40_kb(results):
    """At 6 pairs of each kind a family: twins and strangers of 864 families, the ladder's of 224."""
    rng = np.random.default_rng(0)
    families = {"twin": 432, "general": 432, "hard_twin": 50} | dict.fromkeys("abcd", 112)
    drawn = {name: pair_list(count, 6) for name, count in families.items()}
    scores = {name: score_table(p, rng.normal(0.3 * p.same, 0.2).clip(-1, 1)) for name, p in drawn.items()}
    run = make_run()
    metrics = pd.concat([run.metrics()] * len(scores))
    whole = write_run(run.record, metrics, scores, pd.DataFrame({"step": range(15), "loss": 0.1234}))
    longer = 3_500  # is the config of a real run
    assert sum(file.stat().st_size for file in whole.folder.iterdir()) + longer < 40 * 1024


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("metrics.csv", lambda whole: b""),
        ("metrics.csv", lambda whole: whole.replace(b"metric,", b"metrik,")),
        ("metrics.csv", lambda whole: whole.replace(b"0.", b"0.9")),
        ("scores.npz", lambda whole: whole[: len(whole) // 2]),
        ("scores.npz", lambda whole: b"not packed"),
    ],
)
def test_a_damaged_or_edited_file_is_named_with_what_to_do(results, file, damage):
    run = make_run()
    path = run.folder / file
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=rf"{re.escape(file)} is not what .*version control"):
        (run.metrics if file == "metrics.csv" else lambda: run.scores("twin"))()


def test_names_that_look_like_nothing_stay_names(results):
    run = make_run()
    table = run.scores("twin").assign(family_a="NA", family_b="007")
    again = write_run(run.record, run.metrics(), {"twin": table}).scores("twin")
    assert set(again["family_a"]) == {"NA"}
    assert set(again["family_b"]) == {"007"}


@pytest.mark.parametrize(
    "change", [{"seed": 7}, {"wall_s": 0.5}, {"extra": {"train_accuracy": 1.0}}, {"files": {}}, {"scores": {}}]
)
def test_an_edited_run_json_is_refused_by_name(change):
    run, other = make_run(), make_run("other", 1)
    (run.folder / "run.json").write_text(json.dumps(run.record | change))
    with pytest.raises(InputError, match=rf"{run.folder.name}/run.json was edited after it was written"):
        list_runs()
    sound, refused = readable_runs()
    assert [one.folder for one in sound] == [other.folder]
    assert list(refused) == [run.folder.name]


def test_a_record_keeps_what_was_there_until_the_new_one_is_whole(monkeypatch):
    run = make_run()
    before = {file: file.read_bytes() for file in run.folder.iterdir()}

    def full(path, value):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("twinlib.records.runs.write_json", full)
    with pytest.raises(InputError, match=r"No space left.*Free some space"):
        make_run()
    assert {file: file.read_bytes() for file in run.folder.iterdir()} == before
    assert [path.name for path in runs_dir().iterdir() if path.name.startswith(".")] == []


def test_a_pair_list_of_another_content_is_refused(results):
    run = make_run()
    [listed] = (results / "runs/pairs").iterdir()
    listed.write_bytes(gzip.compress(gzip.decompress(listed.read_bytes()).replace(b"validation", b"test")))
    with pytest.raises(InputError, match=r"is not the list that .* was scored on"):
        run.scores("twin")
    listed.unlink()
    with pytest.raises(InputError, match=rf"{listed.name} cannot be read"):
        run.scores("twin")


def test_a_pilot_without_checksums_is_read_and_its_damage_is_named(results):
    """Records of before: a gzipped CSV a protocol, no seal."""
    run, folder = make_run(), results / "runs/pilot"
    (folder / "scores").mkdir(parents=True)
    shutil.copy(run.folder / "metrics.csv", folder)
    table, file = run.scores("twin").round(6), folder / "scores/twin.csv.gz"
    table.to_csv(file, index=False)
    kept = {name: value for name, value in run.record.items() if name not in ("seal", "files", "scores")}
    (folder / "run.json").write_text(json.dumps(kept))
    pilot = read_run(folder)
    assert pilot.protocols() == ["twin"]
    pd.testing.assert_frame_equal(pilot.scores("twin"), table)
    for damaged in (b"not packed", file.read_bytes()[:500], gzip.compress(b"pair,score\n1,\n")):
        file.write_bytes(damaged)
        with pytest.raises(InputError, match=r"twin\.csv\.gz.*version control"):
            pilot.scores("twin")
