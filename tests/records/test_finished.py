import pytest
from run_factory import make_run

from twinlib.errors import InputError
from twinlib.records.finished import fit, misses, moved, one_setting, starts
from twinlib.version import TRAINING


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))


def row(seed=0, accuracy=0.95, ended=True, control=((0.5, 0.4, 0.6),), training=TRAINING, **more):
    said = {"train_accuracy": accuracy, "ended": ended, "passes": 96}
    said["control"] = {f"twin@nothing{i}": list(ends) for i, ends in enumerate(control)}
    return make_run(seed=seed, training=training, extra={"finished": said}, **more)


def test_a_finished_row_misses_nothing():
    assert misses([row(seed) for seed in range(5)]) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"accuracy": 0.8}, "fits 0.80 of its training images; not run for twice as long"),
        ({"accuracy": None}, "no class centres to fit; not run for twice as long"),
        ({"ended": False}, "schedule cut off"),
        ({"control": ()}, "no control"),
        ({"control": ((0.56, 0.52, 0.6),)}, "control twin@nothing0 is not at chance"),
        ({"control": ((0.44, 0.4, 0.48),)}, "control twin@nothing0 is not at chance"),
        ({"training": TRAINING - 1}, "of other training code"),
    ],
)
def test_what_a_row_misses_is_told(changes, told):
    assert misses([row(seed, **changes) for seed in range(5)]) == [told]


def test_too_few_seeds_no_run_no_tuning_and_a_pilot_are_told():
    assert misses([]) == ["not run"]
    assert misses([row()], tuned=False) == ["1 of 5 seeds", "not tuned"]
    assert misses([make_run()], seeds=1) == ["pilot: its records do not say how it ended"]


def test_a_plateau_is_enough_for_a_row_that_fits_less():
    runs = [row(seed, accuracy=0.7) for seed in range(5)]
    near, far = row(0, accuracy=0.8, skill=1.01), row(0, accuracy=0.8, skill=1.3)
    assert misses(runs, twice=near) == []
    assert abs(moved(runs, near)) < 0.01 < moved(runs, far)
    assert "twice the images move its twin AUC by +0.0" in misses(runs, twice=far)[0]
    with pytest.raises(InputError, match=r"no run of seed 0 with half its images"):
        moved(runs[1:], near)


def test_fit_is_the_mean_over_seeds():
    assert fit([row(0, accuracy=0.9), row(1, accuracy=1.0)]) == pytest.approx(0.95)
    assert fit([]) is None


def test_runs_that_are_not_one_row_are_never_taken_together():
    first, second = row(0), row(1)
    assert one_setting([second, first]) == [first, second]
    with pytest.raises(InputError, match="are two records of seed 0"):
        one_setting([first, second, row(0, skill=2.0)])
    with pytest.raises(InputError, match="are of different configurations"):
        one_setting([first, row(1, skill=2.0)])
    with pytest.raises(InputError, match="are of different data sets"):
        one_setting([first, row(2, manifest="1" * 64)])
    with pytest.raises(InputError, match="are of different versions of the training code"):
        one_setting([first, row(3, training=None)])
    with pytest.raises(InputError, match="there is no run of this row"):
        one_setting([])


def test_what_runs_start_from_is_told():
    pair = [row(seed) for seed in range(2)]
    for run, trunk in zip(pair, ("a", "b"), strict=True):
        run.record.update({"init": "trunk", "config": {"train": {"trunk": trunk}}})
    assert starts(pair[:1]) == "one pre-trained trunk"
    assert starts(pair) == "2 pre-trained trunks"
    assert starts([]) == "random weights"
