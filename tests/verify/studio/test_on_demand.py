import numpy as np
import pytest
from plaything_factory import Blind

from twinlib.verify.studio import on_demand
from twinlib.verify.studio.judges import Judge
from twinlib.verify.studio.turned import FACTORS

JUDGED = [Judge("one", "a", Blind(), 0.5), Judge("other", "b", Blind(), 0.9)]


@pytest.fixture
def answers(monkeypatch):
    shown = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    monkeypatch.setattr(
        on_demand.turned, "pictures", lambda name, at: (shown, shown) if at["yaw"] == 0 else (shown, None)
    )
    monkeypatch.setattr(on_demand, "embeddings", lambda judged, shots: [np.eye(2), np.full((2, 2), np.nan)])
    return on_demand.Answers(JUDGED)


def test_an_answer_brings_pictures_and_scores(answers):
    found = answers({"family": "dark", "steps": [3, 2, 1, 0, 0]})
    assert found["scores"] == [0.0, None]
    assert found["a"].startswith("data:image/png;base64,")


def test_a_step_is_one_of_the_finer_values():
    data = on_demand.payload(JUDGED)
    for name, factor in data["factors"].items():
        assert factor["steps"][factor["start"]] == FACTORS[name].said(on_demand.START[name])
        assert len(factor["steps"]) == len(FACTORS[name].finer())
    for network in data["networks"]:
        low, high = network["scale"]
        assert low < network["threshold"] < high
