import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_networks import SMALL
from train_fixtures import colours, tiny

from twinlib import config
from twinlib.ahan.maps import face_maps
from twinlib.train.history import Curves, attention_picture

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
    curves.look(config.MODELS.build(tiny("ahan").model), colours(), 40)
    curves.look(torch.nn.Linear(1, 1), colours(), 60)  # a network without such maps
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == {"loss", "lr", "validation"}
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(20, 2.5), (40, 1.5)]
    assert [event.step for event in events.Images("attention")] == [40]


def test_the_picture_holds_every_map_stretched_and_leaves_the_mode_alone():
    net, data = config.MODELS.build(tiny("ahan").model).train(), colours()
    picture = attention_picture(net, data, images=2, scale=1)
    assert picture.shape == (2 * 3, 6 * 3)  # 2 x 2 tokens and a black line; class token, four regions, asymmetry
    assert net.training
    images = torch.from_numpy(data.crops[[0]]).permute(0, 3, 1, 2).float() / 127.5 - 1
    token = face_maps(net, images).token[0].numpy()
    stretched = 255 * (token - token.min()) / (token.max() - token.min())
    np.testing.assert_allclose(picture[:2, :2], stretched, atol=1.01)
    assert (picture[2] == 0).all()
    assert attention_picture(config.MODELS.build(tiny().model), data, images=2, scale=4).shape == (24, 12)


def test_the_picture_of_the_local_global_network_is_the_gate_of_its_places():
    net, small = config.MODELS.build(SMALL["local_global"]).train(), colours()
    data = replace(small, crops=small.crops.repeat(4, 1).repeat(4, 2))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    picture = attention_picture(net, data, images=2, scale=1)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    images = torch.from_numpy(data.crops[[0]]).permute(0, 3, 1, 2).float() / 127.5 - 1
    gate = net.eval()(images, ("attention",))[1]["attention"][0, 0].detach().numpy()
    h, w = gate.shape
    assert picture.shape == (2 * (h + 1), w + 1)
    stretched = 255 * (gate - gate.min()) / (gate.max() - gate.min())
    np.testing.assert_allclose(picture[:h, :w], stretched, atol=1.01)
