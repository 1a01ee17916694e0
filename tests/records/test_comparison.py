import pytest
from run_factory import make_run, pair_list

from twinlib.errors import InputError
from twinlib.records.comparison import compare, compare_runs, runs_table


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))


def test_runs_table_lists_each_run():
    assert "`twinlib run NAME` makes one" in runs_table()
    first, second = make_run("base"), make_run("better", skill=2.0)
    lines = runs_table().splitlines()
    assert len(lines) == 3
    assert first.folder.name in lines[1]
    assert f"{second.metrics().set_index('metric').value['auc']:.3f}" in lines[2]


def test_a_better_model_over_five_seeds_holds_and_one_seed_cannot_tell():
    for seed in range(5):
        make_run("base", seed), make_run("better", seed, skill=2.0)
    text = compare("better", "base", draws=200)
    assert "5 seeds" in text
    assert text.count(" holds") == 2
    single = make_run("base", 1).folder.name
    assert "cannot tell" in compare("better", single, draws=200)
    assert "does not hold" in compare("base", "better", draws=200)


def test_the_difference_is_that_of_the_stored_values():
    a, b = make_run("better", skill=2.0), make_run("base")
    row = compare_runs([a], [b], draws=50).set_index("metric").loc["auc"]
    stored = [run.metrics().set_index("metric").value["auc"] for run in (a, b)]
    assert row.difference == pytest.approx(stored[0] - stored[1], abs=2e-6)
    assert [row.a, row.b] == stored
    assert (row.families, row.seeds) == (30, 1)


def test_names_that_fit_no_run_or_many_settings_are_refused():
    run = make_run("base")
    with pytest.raises(InputError, match=f"there is no run called 'x'; known: {run.folder.name}"):
        compare("x", "base")
    assert compare(run.folder.name[:-3], "base", draws=20)  # the beginning of an id
    make_run("base", skill=3.0)
    with pytest.raises(InputError, match="several settings"):
        compare("base", run.folder.name)


def test_other_pairs_are_refused():
    a, b = make_run("a"), make_run("b", pairs=pair_list().assign(pair=lambda t: t.pair + 1))
    with pytest.raises(InputError, match="scored other pairs of twin"):
        compare_runs([a], [b])
    with pytest.raises(InputError, match="no seed in common"):
        compare_runs([a, make_run("a", 1)], [make_run("b", 2)])


def test_runs_on_different_data_sets_are_not_compared():
    with pytest.raises(InputError, match="were scored on different data sets"):
        compare_runs([make_run("a")], [make_run("b", manifest="1" * 64)], draws=20)
