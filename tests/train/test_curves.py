import json

import pytest

from twinlib.train.curves import Curves

ROWS = [{"step": 20, "loss": 2.5, "lr": 0.1}, {"step": 40, "loss": 1.5, "lr": 0.05, "validation": 0.7}]


def test_the_json_file_grows_and_goes_on_after_a_resume(tmp_path):
    Curves(tmp_path, []).add(ROWS[0])
    assert json.loads((tmp_path / "training_history.json").read_text()) == ROWS[:1]
    Curves(tmp_path, ROWS[:1]).add(ROWS[1])
    assert json.loads((tmp_path / "training_history.json").read_text()) == ROWS
    assert not (tmp_path / "tensorboard").exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_holds_every_curve(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setenv("TWINLIB_TENSORBOARD", "1")
    curves = Curves(tmp_path, [])
    for row in ROWS:
        curves.add(row)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == {"loss", "lr", "validation"}
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(20, 2.5), (40, 1.5)]
