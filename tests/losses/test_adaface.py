import math
import re

import pytest
import torch
from golden_files import golden, relative
from torch.nn.functional import cross_entropy

from twinlib import config
from twinlib.errors import InputError
from twinlib.losses.adaface import EPS, FORMS, AdaFace, adaface_logits, margin_scaler, running_statistics

VECTORS = golden("adaface")
RUNS = sorted(k.removesuffix("_t_alpha") for k in VECTORS if k.endswith("_t_alpha"))
TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients
M, H, S = (float(VECTORS[k]) for k in ("m", "h", "s"))


def batches(run, dtype):
    """Embedding, length, label and suffix of each batch of a run."""
    for i in sorted(k.removeprefix(f"{run}_emb") for k in VECTORS if re.fullmatch(rf"{run}_emb\d+", k)):
        emb, norm = (torch.tensor(VECTORS[f"{run}_{k}{i}"], dtype=dtype) for k in ("emb", "norm"))
        yield emb, norm[:, 0], torch.tensor(VECTORS[f"{run}_y{i}"]), i


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("run", RUNS)
def test_golden_statistics_logits_loss_and_gradients(run, dtype):
    values, gradients = TOLERANCE[dtype]
    W = torch.tensor(VECTORS["W"], dtype=dtype)
    mean, std = (torch.tensor(VECTORS[f"{run}_batch_{k}"][0], dtype=dtype) for k in ("mean", "std"))
    for emb, norm, label, i in batches(run, dtype):
        norm = norm.clamp(EPS, 100)
        mean, std = running_statistics(norm, mean, std, float(VECTORS[f"{run}_t_alpha"]))
        k = margin_scaler(norm, mean, std, H)
        emb.requires_grad_()
        unit = torch.nn.functional.normalize(W)
        loss = cross_entropy(logits := adaface_logits(emb @ unit.T, label, k, S, M, "head"), label)
        loss.backward()
        cos = (emb.detach() @ unit.T).requires_grad_()
        cvl_loss = cross_entropy(cvl := adaface_logits(cos, label, k, S, M, "cvlface"), label)
        cvl_loss.backward()
        assert relative(mean, VECTORS[f"{run}_batch_mean"][int(i) + 1]) < values
        assert relative(std, VECTORS[f"{run}_batch_std"][int(i) + 1]) < values
        assert relative(k, VECTORS[f"{run}_margin_scaler{i}"][:, 0]) < values
        for got, name in ((logits, "logits"), (loss, "loss"), (cvl, "cvl_logits"), (cvl_loss, "cvl_loss")):
            assert relative(got.detach(), VECTORS[f"{run}_{name}{i}"]) < values, name
        assert relative(emb.grad, VECTORS[f"{run}_grad_emb{i}"]) < gradients
        assert relative(cos.grad, VECTORS[f"{run}_cvl_grad_cos{i}"]) < gradients


def head_of(run, **settings):
    W = torch.tensor(VECTORS["W"])
    cfg = config.AdaFace(s=S, m=M, h=H, t_alpha=float(VECTORS[f"{run}_t_alpha"]), **settings)
    head = AdaFace(cfg, W.shape[1], len(W)).double()
    head.weight.data.copy_(W)
    for name in ("mean", "std"):
        getattr(head, name).fill_(VECTORS[f"{run}_batch_{name}"][0])
    return head


@pytest.mark.parametrize(("form", "prefix"), [("head", ""), ("cvlface", "cvl_")])
@pytest.mark.parametrize("run", RUNS)
def test_the_head_takes_embeddings_with_their_length(run, form, prefix):
    head = head_of(run, form=form)
    for emb, norm, label, i in batches(run, torch.float64):
        assert relative(head(emb * norm[:, None], label).detach(), VECTORS[f"{run}_{prefix}loss{i}"]) < 1e-9
    assert head.report()["norm_mean"] == pytest.approx(VECTORS[f"{run}_batch_mean"][-1])
    assert head.report()["norm_std"] == pytest.approx(VECTORS[f"{run}_batch_std"][-1])


def test_statistics_are_saved_restored_and_stand_still_in_evaluation():
    first, second = head_of(RUNS[0]), head_of(RUNS[0])
    (a, b, *_) = ((emb * norm[:, None], label) for emb, norm, label, _ in batches(RUNS[0], torch.float64))
    first(*a)
    second.load_state_dict(first.state_dict())
    assert first(*b).item() == second(*b).item()
    before = first.report()
    first.eval()
    assert first(*a).item() == first(*a).item()
    assert first.report() == before
    first.train()
    first(*a)
    assert first.report() != before


def test_the_measured_start_takes_the_first_batch_whole_and_the_next_by_its_weight():
    head = AdaFace(config.AdaFace(start="measured", t_alpha=0.25), 4, 3).double()
    e = torch.randn(6, 4, dtype=torch.float64)
    label = torch.tensor([0, 1, 2, 0, 1, 2])
    norm = e.norm(dim=1)
    head(e, label)
    assert head.report() == pytest.approx({"norm_mean": float(norm.mean()), "norm_std": float(norm.std())})
    head(3 * e, label)
    assert head.report()["norm_mean"] == pytest.approx(float(norm.mean()) * (0.75 + 0.25 * 3))
    restored = AdaFace(config.AdaFace(start="measured", t_alpha=0.25), 4, 3).double()
    restored.load_state_dict(head.state_dict())
    restored(e, label)  # goes on, does not start again
    assert restored.report()["norm_mean"] == pytest.approx(float(norm.mean()) * (0.75 * 1.5 + 0.25))


def test_a_batch_of_one_leaves_the_deviation():
    mean, std = running_statistics(torch.tensor([30.0]), torch.tensor(20.0), torch.tensor(5.0), 0.5)
    assert (float(mean), float(std)) == (25, 5)


def test_head_form_clips_cosine_and_angle_and_has_no_gradient_there():
    cos = torch.tensor([[0.9995, -1.0], [math.cos(0.2), 0.1]], dtype=torch.float64, requires_grad=True)
    k = torch.tensor([-1.0, 1.0], dtype=torch.float64)  # the second: theta - m k = -0.2
    logits = adaface_logits(cos, torch.tensor([0, 0]), k, 1.0, 0.4, "head")
    wanted = [[math.cos(math.acos(1 - EPS) + 0.4), -1 + EPS], [math.cos(EPS) - 0.8, 0.1]]
    torch.testing.assert_close(logits.detach(), torch.tensor(wanted, dtype=torch.float64))
    logits.sum().backward()
    assert cos.grad.tolist() == [[0, 0], [0, 1]]


def test_cvlface_form_does_not_clip_and_passes_the_gradient():
    cos = torch.tensor([[1.0, -1.0], [math.cos(0.2), 0.1]], dtype=torch.float64, requires_grad=True)
    logits = adaface_logits(cos, torch.tensor([0, 0]), torch.tensor([0.0, 1.0]).double(), 1.0, 0.4, "cvlface")
    wanted = [[1 - 0.4, -1.0], [math.cos(-0.2) - 0.8, 0.1]]
    torch.testing.assert_close(logits.detach(), torch.tensor(wanted, dtype=torch.float64))
    logits.sum().backward()
    assert (cos.grad == 1).all()


@pytest.mark.parametrize("form", FORMS)
def test_finite_at_the_ends_and_falling_with_the_angle(form):
    theta = torch.linspace(0, math.pi, 1001, dtype=torch.float64)
    for k in (-1.0, 0.0, 1.0):
        cos = theta.cos()[:, None].requires_grad_()
        label, each = torch.zeros(1001, dtype=torch.long), torch.full((1001,), k, dtype=torch.float64)
        logits = adaface_logits(cos, label, each, 1.0, 0.4, form)
        logits.sum().backward()
        assert cos.grad.isfinite().all()
        inside = (theta[1:] < math.pi - 0.4) & (theta[:-1] > 0.4)  # k = ±1 turns at the ends without clips
        assert (logits.detach()[:, 0].diff()[inside] < 0).all()


def test_refusals():
    with pytest.raises(InputError, match=r"got 28\.6"):
        adaface_logits(torch.zeros(1, 2), torch.tensor([0]), torch.zeros(1), 64.0, 28.6)
    with pytest.raises(InputError, match=r"loss\.form 'paper' is unknown; known: head, cvlface"):
        adaface_logits(torch.zeros(1, 2), torch.tensor([0]), torch.zeros(1), 64.0, 0.4, "paper")


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("start", ["paper", "measured"])
def test_a_batch_that_is_not_finite_leaves_the_statistics(start, bad):
    head = AdaFace(config.AdaFace(start=start), 4, 3)
    e, label = torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
    broken = torch.where(torch.arange(6)[:, None] == 3, bad, e)
    before = {name: buffer.clone() for name, buffer in head.named_buffers()}
    head(broken, label)
    assert all(torch.equal(buffer, before[name]) for name, buffer in head.named_buffers())
    head(e, label)  # the first that counts
    other = AdaFace(config.AdaFace(start=start), 4, 3)
    other(e, label)
    assert head.report() == other.report()
