import numpy as np
import pytest
import torch
from term_views import view_of

from twinlib import config
from twinlib.data.feed.samplers import Lap
from twinlib.errors import InputError
from twinlib.losses.triplet import twin_triplet
from twinlib.methods.ndtwin.ndtwin import Features, ndtwin_loss
from twinlib.methods.symface.halves import epoch
from twinlib.methods.topofr.ptsa import alignment
from twinlib.methods.transface.ehsm import ehsm_weight

PAIRED = torch.arange(12) // 2
E = torch.randn(12, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def term(name, **settings):
    return config.TERMS.build(config.TERMS[name](**settings))


def test_twin_triplet_is_weighted():
    view = view_of(E, PAIRED, family=PAIRED // 2)
    wanted = 0.3 * twin_triplet(E, PAIRED, PAIRED // 2, 0.7)
    assert term("twin_triplet", weight=0.3, margin=0.7)(view) == wanted


def test_the_hardest_negative_is_whoever_is_nearest():
    """By hand: twins 0 and 1 are far apart, and the stranger 2 stands beside 0."""
    angle = torch.tensor([0.0, 0.2, 2.0, 2.1, 0.5, 0.6], dtype=torch.float64)
    subject = torch.tensor([0, 0, 1, 1, 2, 2])
    view = view_of(torch.stack([angle.cos(), angle.sin()], 1), subject, family=subject // 2)
    d = 1 - (angle[:, None] - angle[None]).cos()
    same = subject[:, None] == subject[None]
    each = [float(max(d[i][same[i]]) - min(d[i][~same[i]]) + 0.5) for i in range(6)]
    wanted = 0.4 * np.mean([max(x, 0) for x in each])
    assert float(term("hard_negatives", weight=0.4, margin=0.5)(view)) == pytest.approx(wanted, rel=1e-6)
    assert float(term("twin_triplet", weight=0.4, margin=0.5)(view)) < wanted


def test_triplets_by_hand_and_a_batch_without_them_is_refused():
    a, p, n = E[0::3], E[1::3], E[2::3]
    each = [max(float((x - y).norm() - (x - z).norm()) + 0.5, 0.0) for x, y, z in zip(a, p, n, strict=True)]
    view = view_of(E, [0, 0, 1] * 4)
    assert float(term("triplet", weight=2.0, margin=0.5)(view)) == pytest.approx(2 * np.mean(each), abs=1e-5)
    with pytest.raises(InputError, match="set sampler to triplets"):
        term("triplet")(view_of(E, PAIRED))


def test_alignment_compares_with_the_clean_images():
    clean = torch.randn(12, 3, 4, 4, dtype=torch.float64)
    align = term("alignment", weight=0.5)
    assert align.wants_clean
    assert align(view_of(E, PAIRED, clean=clean)) == 0.5 * alignment(clean, E, "paper")


@pytest.mark.parametrize("scale", ["epoch", "batch"])
def test_symface_over_an_epoch_is_the_papers_sum(scale):
    rho = np.random.default_rng(1).random(31)
    drawn = epoch(rho, 6, 0, 0, config.Halves(p=0.5))
    lap = Lap(0, len(drawn.batches), drawn.samples, len(drawn.split))
    sym, of_head, pulls = term("symface", scale=scale), [], []
    total, each = 0.0, torch.randn(31, 3, dtype=torch.float64).square()
    for rows in drawn.batches:
        halved = np.isin(rows, drawn.split)
        unit = np.repeat(rows, 1 + halved)
        part = np.concatenate([[1, 2] if h else [0] for h in halved])
        e = torch.randn(len(unit), 4, dtype=torch.float64)
        view = view_of(e, unit, lap, part=torch.from_numpy(part), frontness=torch.from_numpy(rho[unit]))
        ce = each[torch.from_numpy(unit), torch.from_numpy(part)]
        weight = sym.sample_weight(view)
        of_head.append((ce if weight is None else weight * ce).mean())
        pulls.append(sym(view))
        total += ce.sum()
        d = (e[part == 1] - e[part == 2]).square().sum(1) * torch.from_numpy(rho[unit][part == 1])
        pulls[-1] = (pulls[-1], d.sum())
    ours, sums = (torch.stack(x) for x in zip(*pulls, strict=True))
    if scale == "epoch":
        torch.testing.assert_close(torch.stack(of_head).mean(), total / drawn.samples)
        torch.testing.assert_close(ours.mean(), sums.sum() / (2 * len(drawn.split)))
    else:
        assert not torch.allclose(ours.mean(), sums.sum() / (2 * len(drawn.split)))


def test_ehsm_weights_samples_and_adds_nothing():
    tokens = torch.randn(12, 7, 6)
    view = view_of(E, PAIRED, outputs={"tokens": tokens})
    ehsm = term("ehsm")
    assert ehsm(view) == 0
    torch.testing.assert_close(ehsm.sample_weight(view), ehsm_weight(tokens))


def test_branches_hold_the_heads_loss_of_each_branch():
    branches = term("branches", of=("glca",)).double()
    assert branches.holds_head
    value = branches(view_of(E, PAIRED, outputs={"glca": 2 * E}))
    torch.testing.assert_close(value, (E.square().mean() + (2 * E).square().mean()) / 2)  # w = 0
    value.backward()
    assert branches.uncertainty.w.grad.abs().min() > 0


def test_ndtwin_takes_neighbours_as_pairs():
    outputs = {"whole": torch.randn(12, 4), "local": torch.randn(12, 4), "attention": torch.rand(12, 1, 3, 3)}
    given = (E, *outputs.values())
    a, b = (Features(*(x[side::2] for x in given)) for side in (0, 1))
    subject = torch.tensor([0, 0, 1, 2] * 3)
    wanted = ndtwin_loss(a, b, torch.tensor([True, False] * 3), config.NDTwin())
    torch.testing.assert_close((ndtwin := term("ndtwin"))(view_of(E, subject, outputs=outputs)), wanted)
    assert sum(ndtwin.report().values()) == pytest.approx(float(wanted))
    assert list(ndtwin.report()) == ["global", "local", "attention", "fused"]
    with pytest.raises(InputError, match="set sampler to pairs"):
        term("ndtwin")(view_of(E[:11], PAIRED[:11], outputs=outputs))
