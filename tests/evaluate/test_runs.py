import gzip
import re

import numpy as np
import pandas as pd
import pytest
from run_factory import make_run, pair_list

from twinlib.errors import InputError
from twinlib.evaluate import metrics
from twinlib.evaluate.runs import find_run, list_runs, read_run, score_table, write_run


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
    assert (table.score == table.score.map(lambda s: float(f"{s:.6f}"))).all()
    assert table.score.to_numpy() == pytest.approx(raw, abs=5.1e-7)


def test_the_same_scores_are_the_same_bytes(results):
    first = make_run().folder / "scores/twin.csv.gz"
    before = first.read_bytes()
    first.unlink()
    make_run()
    assert first.read_bytes() == before
    assert before[4:8] == bytes(4)  # no time in the header
    assert gzip.decompress(before).decode().splitlines()[0] == "pair,same,kind,family_a,family_b,split,fold,score"


def test_runs_are_found_by_hash():
    first, second = make_run(seed=0), make_run(seed=1)
    assert [run.folder for run in list_runs()] == sorted([first.folder, second.folder])
    assert find_run(second.record["hashes"]["run"]).folder == second.folder
    assert find_run("0" * 64) is None


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
    with pytest.raises(InputError, match=r"scores/twin\.csv\.gz: the columns \['score'\]"):
        write_run(run.record, run.metrics(), {"twin": run.scores("twin").drop(columns="score")})
    with pytest.raises(InputError, match="2 scores for 480 pairs"):
        score_table(pair_list(), np.zeros(2))
    (run.folder / "run.json").write_text('{"schema": 1')
    with pytest.raises(InputError, match=r"run\.json is not valid JSON"):
        list_runs()


def test_scores_are_small(results):
    """5,760 pairs, a usual list of 60 families in each of two splits: 60 MB hold 1,000 of them."""
    pairs = pair_list(60, 24)
    run = make_run(pairs=pairs)
    assert (run.folder / "scores/twin.csv.gz").stat().st_size < 60_000
    assert isinstance(run.scores("twin"), pd.DataFrame)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("metrics.csv", lambda whole: b""),
        ("metrics.csv", lambda whole: whole.replace(b"metric,", b"metrik,")),
        ("metrics.csv", lambda whole: whole.replace(b"auc,", b"auc,x")),
        ("scores/twin.csv.gz", lambda whole: whole[: len(whole) // 2]),
        ("scores/twin.csv.gz", lambda whole: b"not packed"),
        ("scores/twin.csv.gz", lambda whole: gzip.compress(gzip.decompress(whole).rsplit(b",", 1)[0] + b",\n")),
    ],
)
def test_a_damaged_table_is_named_with_what_to_do(results, file, damage):
    run = make_run()
    path = run.folder / file
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=rf"{re.escape(file)}.*version control"):
        (run.metrics if file == "metrics.csv" else lambda: run.scores("twin"))()


def test_names_that_look_like_nothing_stay_names(results):
    run = make_run()
    file = run.folder / "scores/twin.csv.gz"
    table = run.scores("twin").assign(family_a="NA", family_b="007")
    file.write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    again = read_run(run.folder).scores("twin")
    assert set(again["family_a"]) == {"NA"}
    assert set(again["family_b"]) == {"007"}
