"""The size of the house, and the ways to add to it that CONTRIBUTING promises."""

import re
import sys
from dataclasses import dataclass
from types import ModuleType

import house
import pytest
import torch
from term_views import view_of
from train_fixtures import colours, tiny

from twinlib import config, losses
from twinlib.config import kinds
from twinlib.losses import arcface
from twinlib.losses.head import Head
from twinlib.ranges import Positive, Settings
from twinlib.train.batches import Batches
from twinlib.train.engine import Objective

FILES = house.modules(house.ROOT / "twinlib")
LINES, COUNT = 32_800, 293  # as it is; to be lowered with the house
CROWDED: dict[str, int] = {}


def test_the_house_does_not_grow_unnoticed():
    assert house.lines(FILES) <= 1.05 * LINES
    assert len(FILES) <= 1.05 * COUNT
    assert {name: count for name, count in house.crowded(FILES).items() if count > CROWDED.get(name, 10)} == {}


def test_coverage_is_summed_by_room():
    one, other = ({"summary": {"covered_lines": ran, "num_statements": 4}} for ran in (1, 3))
    files = {"twinlib/data/a.py": one, "twinlib/data/feed/b.py": other, "data_prep/syntwins/c.py": other}
    assert house.covered({"files": files}) == {"data": 0.5, "syntwins": 0.75}


def test_no_file_name_stands_twice():
    assert house.twice(FILES) == []


@pytest.mark.parametrize(
    ("word", "room"),
    [("ptsa", "topofr"), ("rsp", "topofr"), ("dpap", "transface"), ("ehsm", "transface"), ("3pss", "symface")],
)
def test_a_papers_name_leads_to_one_room(word, room):
    found = [file for file in FILES if re.search(rf"\b{word}\b", file.read_text(encoding="utf-8").lower())]
    methods = [file.relative_to(house.ROOT / "twinlib").parts for file in found]
    assert {parts[1] for parts in methods if parts[0] == "methods"} == {room}


@dataclass(frozen=True)
class Plain(Settings):
    """A softmax over scaled cosines."""

    s: Positive = 16.0


class PlainHead(Head):
    def __init__(self, cfg, width, classes):
        super().__init__(0.0, width, classes)
        self.s = cfg.s

    def logits(self, embedding, label, grown=1.0):
        return self.s * self.cosine(embedding)


def test_a_room_of_methods_is_found_by_what_it_names():
    """What a folder's `NAMED` offers is all that a configuration needs."""
    room = ModuleType("mine")
    room.NAMED = {"loss": {"plain": (Plain, PlainHead)}}
    registry = kinds.registry("loss", (*kinds.ROOMS, room))
    assert registry["plain"] is Plain
    assert isinstance(registry.build(Plain(), 8, 3), PlainHead)


def test_a_loss_of_ones_own_trains_a_step(monkeypatch):
    monkeypatch.setitem(config.LOSSES.named, "plain", (Plain, PlainHead))
    experiment = tiny("vit", "loss={name: plain, s: 8.0}", "triplet=null")
    assert experiment.loss == Plain(8.0)
    batches = Batches(experiment, colours(), torch.device("cpu"))
    assert Objective(experiment, batches.classes).head.s == 8.0


def _ours(name):
    """Names of our own functions from here to the first one called `name`, innermost first."""
    names, frame = [], sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if "/twinlib/" in code.co_filename:
            names.append(code.co_name)
        if code.co_name == name and "/twinlib/" in code.co_filename:
            return names
        frame = frame.f_back
    raise AssertionError(f"not called by {name}")


def test_a_margin_takes_few_calls(monkeypatch):
    """From YAML to settings, from settings to the head, and in a step from the objective to the formula."""
    calls = {}
    monkeypatch.setattr(losses.ArcFace, "__post_init__", lambda self: calls.setdefault("read", _ours("load")))
    experiment = tiny("vit", "loss.m=0.25", "triplet=null")
    monkeypatch.undo()
    built = arcface.ArcFace.__init__
    monkeypatch.setattr(
        arcface.ArcFace,
        "__init__",
        lambda self, *given: (calls.setdefault("built", _ours("__init__")), built(self, *given))[1],
    )
    objective = Objective(experiment, 4)
    monkeypatch.setattr(
        arcface, "arcface_logits", lambda cos, *given, **named: (calls.setdefault("step", _ours("forward")), cos)[1]
    )
    objective(view_of(torch.randn(3, experiment.model.embedding), torch.tensor([0, 1, 2])))
    assert {stage: len(names) for stage, names in calls.items() if len(names) > 6} == {}
    assert set(calls) == {"read", "built", "step"}
