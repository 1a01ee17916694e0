"""Batches without spread, direction or company: every loss is finite with its gradient, or refuses by name.

The steps that divide by a spread, a length, a count or a probability are all met by these batches.
"""

import numpy as np
import pytest
import torch
from term_views import view_of

from twinlib import config
from twinlib.data.feed.samplers import Lap
from twinlib.errors import InputError
from twinlib.losses.contrastive import batch_contrastive, contrastive
from twinlib.losses.head import cosines
from twinlib.methods.ndtwin.ndtwin import attention_regulariser
from twinlib.methods.symface.symface import halves_distance
from twinlib.methods.topofr.gum import em_step, fit
from twinlib.methods.topofr.ptsa import FORMS as ALIGNMENTS
from twinlib.methods.topofr.ptsa import alignment
from twinlib.methods.topofr.sde import structure_damage
from twinlib.methods.transface.ehsm import ehsm_weight

CLASSES = 3
MIXED = torch.tensor([0, 0, 1, 1, 2, 2])
BATCHES = {
    "zero": (torch.zeros(6, 4), MIXED),
    "one zero": (torch.cat([torch.zeros(1, 4), torch.randn(5, 4, generator=torch.Generator().manual_seed(0))]), MIXED),
    "constant": (torch.full((6, 4), 0.3), MIXED),
    "tiny": (torch.full((6, 4), 1e-30), MIXED),
    "long": (torch.full((6, 4), 1e5), MIXED),
    "one class": (torch.randn(6, 4, generator=torch.Generator().manual_seed(1)), torch.ones(6, dtype=torch.long)),
    "one sample": (torch.randn(1, 4, generator=torch.Generator().manual_seed(2)), torch.tensor([1])),
    "one zero sample": (torch.zeros(1, 4), torch.tensor([1])),
    "d = 1": (torch.randn(6, 1, generator=torch.Generator().manual_seed(3)), MIXED),
    "d = 1, zero": (torch.zeros(6, 1), MIXED),
}
HEADS = [(name, settings()) for name, settings in config.LOSSES.items() if name != "none"] + [
    ("adaface", config.AdaFace(start="measured")),
    ("adaface", config.AdaFace(form="cvlface")),
    ("arcface", config.ArcFace(past_pi="clip")),
    ("cosface", config.CosFace(ends="clip")),
    ("magface", config.MagFace(easy=False)),
    ("topofr", config.TopoFR(damage="code", sign="none")),
]


def finite_with_gradient(loss, *inputs):
    assert loss.isfinite().all(), float(loss)
    if loss.requires_grad:
        loss.backward()
    for x in inputs:
        assert x.grad is None or (x.grad.isfinite().all() and x.grad.abs().max() < 1e9)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("name", "cfg"), HEADS, ids=lambda x: x if isinstance(x, str) else "")
def test_every_head(name, cfg, batch):
    e, label = BATCHES[batch]
    head, e = config.LOSSES.build(cfg, e.shape[1], CLASSES).train(), e.clone().requires_grad_()
    for centres in (head.weight.detach().clone(), torch.zeros_like(head.weight), e.detach()[:1].expand(CLASSES, -1)):
        head.weight.data.copy_(centres)
        e.grad = head.weight.grad = None
        finite_with_gradient(head(e, label), e, head.weight)
        assert all(buffer.isfinite().all() for buffer in head.buffers())


def view_with(e, label):
    """All that any term reads; triplets where there are six."""
    subject = torch.tensor([0, 0, 1, 2, 2, 1]) if len(e) == 6 and len(label.unique()) > 1 else label
    outputs = dict.fromkeys(("whole", "local", "glca", "pwca"), e) | {
        "tokens": e.detach()[:, None].expand(-1, 4, -1),
        "attention": torch.zeros(len(e), 1, 2, 2),
    }
    part = torch.tensor([1, 2, 0, 0, 0, 0])[: len(e)]
    return view_of(e, subject, Lap(0, 2.0, 8, 1), outputs=outputs, part=part, clean=torch.zeros(len(e), 3, 4, 4))


REFUSED = ("term triplet needs", "term ndtwin needs", "EHSM needs tokens of at least two")


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("name", config.TERMS)
def test_every_term(name, batch):
    if name == "symface" and len(BATCHES[batch][0]) < 2:
        pytest.skip("a face is split into two halves")
    term = config.TERMS.build(config.TERMS[name]()).train()
    e = BATCHES[batch][0].clone().requires_grad_()
    view = view_with(e, BATCHES[batch][1])
    try:
        weight, loss = term.sample_weight(view), term(view)
    except InputError as error:
        assert str(error).startswith(REFUSED)  # noqa: PT017
        return
    assert weight is None or (weight.isfinite().all() and weight.abs().max() < 100)
    finite_with_gradient(loss, e)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("form", ALIGNMENTS)
def test_alignment(form, batch):
    z = BATCHES[batch][0].clone().requires_grad_()
    for x in (torch.zeros(len(z), 3, 4, 4), torch.ones(len(z), 3, 4, 4), torch.randn(len(z), 3, 4, 4)):
        z.grad = None
        finite_with_gradient(alignment(x, z, form), z)


@pytest.mark.parametrize(
    "tokens", [torch.zeros(2, 3, 4), torch.ones(2, 3, 4), 1e-20 * torch.randn(2, 3, 4), 1e6 * torch.randn(2, 3, 2)]
)
@pytest.mark.parametrize("information", ["std", "gaussian"])
def test_weights_by_spread_are_bounded(information, tokens):
    weight = ehsm_weight(tokens, information)
    assert ((weight >= 1) & (weight <= 25.2)).all()
    assert ehsm_weight(torch.randn(2, 3, 4), information).isfinite().all()


def test_tokens_of_one_feature_or_none_are_refused():
    for shape in ((2, 3, 1), (2, 3, 0), (2, 0, 4)):
        with pytest.raises(InputError, match=r"EHSM needs tokens of at least two features, \[B, P, d\]; got"):
            ehsm_weight(torch.zeros(shape))


@pytest.mark.parametrize(
    "e", [np.full(7, 0.1), np.full(3, 1e-30), np.zeros(5), 0.1 + 1e-17 * np.arange(5), np.array([2.0])]
)
def test_entropies_that_differ_by_rounding_are_equal(e):
    """Standardised, rounding would be all the difference there is: three times .1 has a deviation of 1.4e-17."""
    got = fit(e)
    assert len(np.unique(got.gamma)) == 1
    assert np.isfinite([*got.gamma, got.pi, got.variance, got.density]).all()


def test_sure_and_clueless_predictions_have_weights():
    for logits in (torch.zeros(4, 3), 1e4 * torch.eye(4, 3), torch.full((1, 2), 5.0), -torch.eye(4, 3) * 1e30):
        for form in ("paper", "code"):
            weight = structure_damage(logits, torch.zeros(len(logits), dtype=torch.long), form)
            assert ((weight >= 0) & (weight <= 2)).all()


def test_a_step_of_the_paper_without_spread_is_refused():
    for bad in ((0.0, 1.0, 1.0), (1.0, 1.0, 1.0), (0.5, 0.0, 1.0), (0.5, 1.0, 0.0), (0.5, float("nan"), 1.0)):
        with pytest.raises(InputError, match="em_step needs 0 < pi < 1, Sigma > 0 and Omega > 0"):
            em_step(np.ones(3), *bad)
    step = em_step(np.zeros(3), 0.5, 1.0, 1.0)
    assert np.isfinite([step.pi, step.Sigma, step.eta1, step.eta2, step.Omega]).all()


@pytest.mark.parametrize("maps", [torch.zeros(3, 1, 2, 2), torch.ones(3, 1, 2, 2), torch.full((2, 1, 1, 1), 1e-30)])
def test_maps_of_nothing(maps):
    maps = maps.clone().requires_grad_()
    finite_with_gradient(attention_regulariser(maps), maps)
    with pytest.raises(InputError, match="at least two images; got 1"):
        attention_regulariser(maps[:1])


def test_halves_without_direction():
    left = torch.zeros(2, 3, requires_grad=True)
    finite_with_gradient(halves_distance(left, torch.ones(2, 3), torch.ones(2), unit=True), left)
    assert cosines(left, torch.ones(2, 3)).abs().max() == 0


@pytest.mark.parametrize("name", sorted(set(config.LOSSES) - {"none"}))
def test_an_empty_batch_is_refused_by_name(name):
    head = config.LOSSES.build(config.LOSSES[name](), 4, CLASSES)
    with pytest.raises(InputError, match=f"loss {name} needs at least one sample; the batch is empty"):
        head(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long))
    for loss in (lambda: contrastive(torch.zeros(0, 4), torch.zeros(0, 4), torch.zeros(0, dtype=torch.bool)),
                 lambda: batch_contrastive(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long)),
                 lambda: fit(np.zeros(0))):  # fmt: skip
        with pytest.raises(InputError, match="the batch is empty"):
            loss()
