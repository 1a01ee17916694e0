import dataclasses
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from train_fixtures import colours, tiny

from twinlib.errors import InputError
from twinlib.losses.head import Head
from twinlib.train.engine import Engine, Objective, Watch
from twinlib.train.loop import train


def named():
    data = colours()
    return dataclasses.replace(data, names=np.array([f"a/{i}.png" for i in range(len(data.rows))]))


def broken(monkeypatch, at, what):
    """Training in which the objective of micro-batch `at` is spoilt by `what`, a function of loss and view."""
    original, seen = Objective.forward, []

    def forward(self, view):
        loss = original(self, view)
        seen.append(view)
        return what(loss, view) if len(seen) == at + 1 else loss

    monkeypatch.setattr(Objective, "forward", forward)
    return seen


def spoilt_gradient(loss, view):
    return loss + (view.embedding.sum() * 0).sqrt() * 0 + (view.embedding * 0).abs().sum().sqrt()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda loss, view: loss * math.nan, r"the loss is nan at step 7"),
        (lambda loss, view: loss * math.inf, r"the loss is (inf|nan) at step 7"),
        (spoilt_gradient, r"the gradient is nan at step 7"),
    ],
)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_it_stops_at_the_first_and_names_the_images(what, said, precision, tmp_path, monkeypatch):
    """Step 7 is no step at which a line of the history is due; checkpoints are those of step 4."""
    broken(monkeypatch, 6, what)
    experiment, data = tiny("vit", f"train.precision={precision}"), named()
    with pytest.raises(
        InputError, match=said + r"; lower train\.lr .* Nothing was written.*Images of the batch: a/"
    ) as error:
        train(experiment, data, "r", tmp_path, "cpu")
    from twinlib.train.batches import Batches

    rows = Batches(experiment, data, torch.device("cpu")).sampler.pick(6).rows
    assert str(error.value).split("batch: ")[1] == ", ".join(dict.fromkeys(f"a/{row}.png" for row in rows)) + "."
    assert [file.name for file in tmp_path.glob("step-*")] == ["step-00000004.safetensors"]
    assert all(value.isfinite().all() for value in load_file(tmp_path / "step-00000004.safetensors").values())


def test_a_micro_batch_is_named_alone_and_statistics_and_weights_stay(tmp_path, monkeypatch):
    engines, before, original = [], {}, Engine.step

    def step(self, number, tell):
        if number == 3:
            before.update({name: value.clone() for name, value in self.model.state_dict().items()})
        engines.append(self)
        return original(self, number, tell)

    monkeypatch.setattr(Engine, "step", step)
    broken(monkeypatch, 3 * 2 + 1, lambda loss, view: loss * math.nan)
    experiment = tiny("vit", "loss.name=adaface", "train.accumulate=2", "train.passes=192")
    with pytest.raises(InputError, match="the loss is nan at step 4;") as error:
        train(experiment, named(), "r", tmp_path, "cpu")
    rows = engines[-1].batches.sampler.pick(7).rows
    assert str(error.value).count(".png") == len(set(rows.tolist()))
    after = engines[-1].model.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert engines[-1].objective.head.mean.isfinite()


def test_embeddings_that_a_term_refuses_stop_the_run_in_the_same_way(tmp_path, monkeypatch):
    """The spanning tree of the alignment takes no NaN."""
    forward = Engine._forward

    def poisoned(self, batch, number, done):
        view = forward(self, batch, number, done)
        return dataclasses.replace(view, embedding=view.embedding * (math.nan if number == 2 else 1.0))

    monkeypatch.setattr(Engine, "_forward", poisoned)
    with pytest.raises(InputError, match=r"the loss is nan at step 3; .* Images of the batch: row \d+, row"):
        train(tiny("vit", "terms.alignment.weight=0.1"), colours(), "r", tmp_path, "cpu")


def test_weights_that_overflow_in_an_update_are_not_written(tmp_path):
    experiment = tiny("vit", "train.optimizer=sgd", "train.lr=1e38", "train.passes=8", "train.warmup=0")
    with pytest.raises(InputError, match=r"model\.\S+ is not finite after step 1; lower train\.lr|the loss is nan"):
        train(experiment, colours(), "r", tmp_path, "cpu")
    assert not list(tmp_path.glob("*.safetensors"))


def test_the_summands_are_named():
    net = nn.BatchNorm1d(2)
    watch = Watch(net)
    before = [buffer.clone() for buffer in net.buffers()]
    loss = net(torch.full((2, 2), math.nan)).sum()
    watch.saw(loss, {"head": loss, "twin_triplet": torch.tensor(0.5)})
    with pytest.raises(
        InputError, match=r"the loss is nan at step 1; .* \(head nan, twin_triplet 0\.5\)\. .* batch: x, y\.$"
    ):
        watch.check(0, lambda micro: ["x", "y", "x"])
    assert all(torch.equal(buffer, kept) for buffer, kept in zip(net.buffers(), before, strict=True))


def test_exactly_zero_embeddings_train_on(tmp_path, monkeypatch):
    """A vector of zeros has no direction: its cosine is 0 and its gradient none; torch's is 1e12 times as large."""
    cosine, norms = Head.cosine, []
    monkeypatch.setattr(Head, "cosine", lambda self, e: cosine(self, e * (torch.arange(len(e)) > 1)[:, None]))
    check = Watch.check

    def spy(self, step, names):
        norms.append(max(float(p.grad.abs().max()) for m in self.modules for p in m.parameters() if p.grad is not None))
        return check(self, step, names)

    monkeypatch.setattr(Watch, "check", spy)
    train(tiny("vit"), colours(), "r", tmp_path, "cpu")
    assert max(norms) < 1e3
