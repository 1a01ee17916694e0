from functools import partial
from itertools import pairwise

import pytest
import torch
from train_fixtures import colours, tiny

from twinlib.errors import InputError
from twinlib.losses.arcface import arcface_logits
from twinlib.losses.head import cosines
from twinlib.losses.sharded import ShardedHead
from twinlib.models.features import embed
from twinlib.train import loop
from twinlib.train.engine import Engine
from twinlib.train.stored import checkpoint, shards

CLASSES, WIDTH = 11, 4
LOSS = "loss={name: sharded, s: 16.0, m: 0.3}"


def process(own):
    """Head and optimiser of a process that holds some of the classes, after a step."""
    head = ShardedHead(partial(arcface_logits, s=16.0, m=0.5), WIDTH, CLASSES)
    head.own, head.weight = own, torch.nn.Parameter(head.weight.detach()[own.start : own.stop].clone())
    opt = torch.optim.Adam([{"params": [torch.nn.Parameter(torch.zeros(3))]}, {"params": [head.weight]}])
    head.weight.grad = torch.randn_like(head.weight)
    opt.step()
    return head, opt


def state_of(head, opt, step=4, run="r"):
    return checkpoint.State(run=run, step=step, model={}, loss={"head.weight": head.weight, "other": torch.ones(2)},
                            optimizer=opt.state_dict(), history=[])  # fmt: skip


@pytest.fixture
def written(tmp_path):
    """Shards of two processes, and what each held."""
    held = [process(own) for own in (range(5), range(5, CLASSES))]
    rest = [shards.save(tmp_path, state_of(*one), *one) for one in held]
    return tmp_path, held, rest[0]


@pytest.mark.parametrize("cuts", [(0, 11), (0, 5, 11), (0, 3, 7, 11), (0, 4, 5, 6, 11)])
def test_any_number_of_processes_reads_what_two_wrote(written, cuts):
    folder, held, rest = written
    assert rest["loss"].keys() == {"other"}
    assert rest["optimizer"]["state"] == {}
    found = []
    for start, stop in pairwise(cuts):
        head, opt = process(range(start, stop))
        state = shards.load(folder, rest, head, opt)
        opt.load_state_dict(state["optimizer"])
        found.append((state["loss"]["head.weight"], opt.state[head.weight]))
    assert torch.equal(
        torch.cat([weight for weight, _ in found]), torch.cat([head.weight.detach() for head, _ in held])
    )
    for name in ("exp_avg", "exp_avg_sq"):
        wanted = torch.cat([opt.state[head.weight][name] for head, opt in held])
        assert torch.equal(torch.cat([moments[name] for _, moments in found]), wanted)
    assert {float(moments["step"]) for _, moments in found} == {1.0}
    assert torch.equal(shards.whole(folder, "r", 4, CLASSES), torch.cat([head.weight.detach() for head, _ in held]))


def test_the_newest_two_stay_and_a_finished_run_leaves_none(written):
    folder, held, _ = written
    for step in (8, 12):
        for one in held:
            shards.save(folder, state_of(*one, step=step), *one)
    assert sorted({path.name[:14] for path in folder.iterdir()}) == ["shard-00000008", "shard-00000012"]
    checkpoint.clear(folder)
    assert list(folder.iterdir()) == []


def test_a_missing_a_damaged_and_a_foreign_shard_are_named(written):
    folder, _, rest = written
    with pytest.raises(InputError, match="class centres from 0 of step 4 are missing"):
        shards.whole(folder, "another", 4, CLASSES)
    last = max(folder.iterdir())
    stored = last.read_bytes()
    last.write_bytes(stored[:-7])
    with pytest.raises(InputError, match=rf"{last.name} is damaged"):
        shards.whole(folder, "r", 4, CLASSES)
    last.unlink()
    with pytest.raises(InputError, match="class centres from 5 of step 4 are missing"):
        shards.load(folder, rest, *process(range(3, CLASSES)))


def test_a_centre_that_is_not_finite_is_not_written(tmp_path):
    head, opt = process(range(CLASSES))
    head.weight.data[2, 1] = torch.nan
    with pytest.raises(InputError, match="not finite after step 4"):
        shards.save(tmp_path, state_of(head, opt), head, opt)
    assert list(tmp_path.iterdir()) == []


def trained(folder):
    return loop.train(tiny("vit", LOSS, "train.clip=1.0"), colours(), "r", folder, "cpu")


def test_a_run_that_was_cut_off_goes_on_to_the_same_bits(tmp_path, monkeypatch):
    whole = trained(tmp_path / "whole")
    step = Engine.step

    def until_the_tenth(self, number, tell):
        if number == 9:
            raise KeyboardInterrupt
        return step(self, number, tell)

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "step", until_the_tenth)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "cut")
    again = trained(tmp_path / "cut")
    for name, value in whole.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], value), name
    assert torch.equal(again.objective.head.weight, whole.objective.head.weight)
    assert again.history == whole.history


def test_a_finished_run_has_the_centres_of_all_and_its_accuracy(tmp_path):
    data, run = colours(), trained(tmp_path)
    centres = run.objective.head.weight
    assert torch.equal(shards.whole(tmp_path, "r", run.steps, len(centres)), centres)
    e = torch.from_numpy(embed(run.model, data.crops, data.rows.tolist(), "cpu"))
    right = float((cosines(e, centres).argmax(1).numpy() == data.subject).mean())
    assert loop.training_accuracy(run.model, run.objective.head, data, "cpu") == right
    assert {"accuracy", "loss"} <= run.history[-1].keys()
