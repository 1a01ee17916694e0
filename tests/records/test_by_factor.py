from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from run_factory import make_run

from twinlib.data import protocols
from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.records.by_factor import FACTORS, beyond_limit, by_factor, judgeable, limits_table, protocol_of, reach

FAMILIES, IMAGES = 40, 6


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))


def world(worse_beyond=True):
    """A manifest, its twin pairs, and runs of five seeds that lose skill where a head turns beyond 45°."""
    rng, rows = np.random.default_rng(0), []
    for f in range(FAMILIES):
        for s in "ab":
            for i in range(IMAGES):
                split = "validation" if f % 4 == 0 else "test"
                rows.append((f"f{f}-{s}-{i}", f"f{f}-{s}", f"f{f}", split, "mz", rng.uniform(-75, 75), 0.0, 0.0))
    columns = ["image", "subject", "family", "split", "relation", "yaw", "occluded", "age_gap"]
    images = pd.DataFrame(rows, columns=columns)
    pairs = protocols.twin_pairs(images, 0, 12)
    yaw = images.set_index("image").yaw.abs()
    size = np.maximum(yaw.loc[pairs.image_a].to_numpy(), yaw.loc[pairs.image_b].to_numpy())
    skill = np.where((size > 45) & worse_beyond, 0.2, 2.0)
    runs = [make_run(seed=s, skill=skill, pairs=pairs, config={"seed": s}) for s in range(5)]
    return images, pairs, runs, size


def test_each_bin_has_the_metric_of_its_own_pairs():
    images, pairs, runs, size = world()
    table = by_factor(runs, images, pairs, "twin", FACTORS["pose"], draws=100)
    test = (pairs.split == "test").to_numpy()
    for row in table.itertuples():
        inside = test & (size >= row.low) & (size < row.high)
        assert (row.genuine, row.impostor) == ((pairs.same[inside] == 1).sum(), (pairs.same[inside] == 0).sum())
        if np.isfinite(row.auc):
            each = [
                metrics.auc(run.scores("twin").score[inside].to_numpy(), pairs.same[inside].to_numpy()) for run in runs
            ]
            assert row.auc == pytest.approx(np.mean(each))
            assert row.auc_low < row.auc < row.auc_high
    assert table.auc.isna().sum() >= 1  # both heads within 10°: too few pairs
    assert table[["genuine", "impostor"]].sum().sum() == test.sum()


def test_the_limit_holds_where_skill_is_lost_beyond_it_and_not_where_it_is_not():
    images, pairs, runs, _ = world()
    difference, judged = beyond_limit(runs, images, pairs, "twin", FACTORS["pose"], draws=200)
    assert judged == "holds"
    assert difference.value > 0.2
    ends = by_factor(runs, images, pairs, "twin", replace(FACTORS["pose"], edges=(0.0, 45.0, 90.0)), draws=200)
    assert difference.value == pytest.approx(ends.auc[0] - ends.auc[1])
    assert difference.high - difference.low < (ends.auc_high - ends.auc_low).sum()  # the ends of both added up
    images, pairs, runs, _ = world(worse_beyond=False)
    assert beyond_limit(runs, images, pairs, "twin", FACTORS["pose"], draws=200)[1] == "cannot tell"
    assert beyond_limit(runs, images, pairs, "twin", FACTORS["occlusion"], draws=200) == (None, "cannot tell")


def test_years_are_never_judged():
    images, pairs, runs, _ = world()
    images["age_gap"] = images.yaw.abs() / 45 * 5  # whatever it shows
    frame = limits_table(runs, images, pairs, "twin", "smoke", draws=100).frame().set_index("label")
    assert frame.verdict["age gap"] == "cannot tell"


def test_a_limit_that_training_never_reached_is_not_judged():
    images, pairs, runs, _ = world()
    short = judgeable(FACTORS["pose"], 35.0)
    assert "short of the limit of 45" in short.reason
    assert beyond_limit(runs, images, pairs, "twin", short, draws=100)[1] == "cannot tell"
    frame = limits_table(runs, images, pairs, "twin", "smoke", 100, {"pose": short}).frame().set_index("label")
    assert frame.verdict["pose"] == "cannot tell"
    assert judgeable(FACTORS["pose"], 60.0) == FACTORS["pose"]
    assert judgeable(FACTORS["age gap"], 1.0) == FACTORS["age gap"]  # its own reason stays


def test_the_reach_of_a_rendered_set_is_known_without_its_images():
    assert reach("study") == {"yaw": 25.0, "occluded": 0.0}
    assert reach("extremes")["yaw"] == 75.0
    assert reach("photographs of mine") == {}


def test_pairs_that_were_not_scored_are_refused_and_the_widest_set_is_taken():
    images, _, runs, _ = world()
    with pytest.raises(InputError, match="not the one that the runs scored"):
        by_factor(runs, images, protocols.twin_pairs(images, 1, 11), "twin", FACTORS["pose"])
    assert protocol_of(runs) == ("twin", runs[0].record["dataset"])
    with pytest.raises(InputError, match="twinlib run vit"):
        protocol_of([])


def test_the_index_of_the_tables_counts_for_nothing():
    images, pairs, runs, _ = world()
    wanted = by_factor(runs[:2], images, pairs, "twin", FACTORS["pose"], draws=20)
    order = np.random.default_rng(0).permutation(len(images))
    moved = images.iloc[order].set_axis(np.zeros(len(images), int), axis=0)
    listed = pairs.iloc[::-1].set_axis(np.random.default_rng(1).permutation(len(pairs)), axis=0)
    pd.testing.assert_frame_equal(by_factor(runs[:2], moved, listed, "twin", FACTORS["pose"], draws=20), wanted)
    with pytest.raises(InputError, match=r"pairs.pair: 0 occurs twice"):
        by_factor(runs[:2], images, pd.concat([pairs, pairs[:1]]), "twin", FACTORS["pose"], draws=20)
