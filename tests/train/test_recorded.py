from pathlib import Path

import pytest

from twinlib.errors import InputError
from twinlib.records.runs import Run
from twinlib.train import recorded as module
from twinlib.train.recorded import recorded

THERE = Run(Path("."), {})


def test_what_has_no_record_is_named_and_nothing_is_trained(monkeypatch):
    def run(name, profile, *, seed, may_train):
        assert not may_train
        if name == "b":
            raise InputError("no record of 'b' (profile cpu, seed 0)")
        return THERE

    monkeypatch.setattr(module, "run", run)
    found, missing = recorded({"A": "a", "B": "b"}, "cpu")
    assert (found, missing) == ({"A": THERE}, ["b"])


def test_an_unknown_experiment_is_no_gap():
    with pytest.raises(InputError, match="experiment 'nobody' is unknown"):
        recorded({"N": "nobody"}, "cpu")
