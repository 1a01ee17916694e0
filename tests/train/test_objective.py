import pytest
import torch
from term_views import view_of
from train_fixtures import tiny

from twinlib.losses.contrastive import batch_contrastive
from twinlib.losses.triplet import twin_triplet
from twinlib.methods.transface.ehsm import ehsm_weight
from twinlib.train.engine import Objective

SUBJECT = torch.arange(12) // 2


def objective(*overrides):
    torch.manual_seed(1)
    return Objective(tiny("vit", "triplet=null", *overrides), 6)


def view(**given):
    return view_of(torch.randn(12, 8, generator=torch.Generator().manual_seed(2)), SUBJECT, **given)


def test_the_sum_of_head_and_terms_and_what_each_gave():
    both = objective("triplet.weight=0.5", "terms={batch_contrastive: {}}")
    value = both(view(family=SUBJECT // 2))
    e = view().embedding
    head = both.head(e, SUBJECT, 1.0).detach()
    triplet = 0.5 * twin_triplet(e, SUBJECT, SUBJECT // 2, 0.5)
    torch.testing.assert_close(value, head + triplet + batch_contrastive(e, SUBJECT))
    assert both.report() == pytest.approx(
        {"loss_head": float(head), "loss_twin_triplet": float(triplet),
         "loss_batch_contrastive": float(batch_contrastive(e, SUBJECT))}
    )  # fmt: skip
    assert objective().report() == {}


def test_the_older_name_of_the_triplet_is_the_term():
    one, other = objective("triplet.weight=0.5"), objective("terms={twin_triplet: {weight: 0.5}}")
    assert one(view(family=SUBJECT // 2)) == other(view(family=SUBJECT // 2))


def test_weights_of_terms_multiply_into_the_heads():
    weighted = objective("terms={ehsm: {}}")
    tokens = torch.randn(12, 4, 6)
    assert weighted.wanted == ("tokens",)
    e = view().embedding
    wanted = weighted.head(e, SUBJECT, 1.0, ehsm_weight(tokens))
    torch.testing.assert_close(weighted(view(outputs={"tokens": tokens})), wanted)


def test_a_term_that_holds_the_heads_loss_takes_its_place():
    held = objective("terms={branches: {of: [glca]}}")
    e = view().embedding
    torch.testing.assert_close(held(view(outputs={"glca": e})), held.head(e, SUBJECT, 1.0))
    assert "uncertainty" in " ".join(held.state_dict())  # saved and trained with the class centres


def test_without_a_head_the_terms_are_the_loss():
    alone = objective("loss=none", "terms={batch_contrastive: {}}")
    assert alone(view()) == batch_contrastive(view().embedding, SUBJECT)
    assert objective("terms={alignment: {}}").wants_clean
    assert not alone.wants_clean
