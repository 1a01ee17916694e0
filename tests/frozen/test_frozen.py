"""Keys of runs, embeddings and tables are what they were; see `made.py`."""

import json
from pathlib import Path

import numpy as np
import pytest
from frozen import made

HERE = Path(__file__).parent
RUNS = json.loads((HERE / "runs.json").read_text())


def _stored(name):
    return json.loads((HERE / f"{name}.json").read_text())


def test_no_key_of_an_experiment_has_moved():
    now = made.keys()
    assert {name: now.get(name) for name in _stored("keys")} == _stored("keys")


def test_records_are_found_by_the_rows_they_are_of():
    from twinlib.study.row_runs import every_row

    found = {run.folder.name: name for name, runs in every_row("cpu").items() for run in runs}
    assert set(found) == set(RUNS)


def test_networks_give_the_same_embeddings():
    now, then = made.embeddings(), _stored("embeddings")
    assert set(now) >= set(then)
    for name, wanted in then.items():
        np.testing.assert_allclose(now[name], wanted, rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def tables():
    return made.tables()


@pytest.mark.parametrize("name", sorted(file.stem for file in HERE.glob("*.csv")))
def test_tables_are_the_same_text(tables, name):
    assert tables[name] == (HERE / f"{name}.csv").read_text()
