import torch
from term_views import view_of

from twinlib.losses.term import Term


def test_a_bare_term_changes_nothing():
    view = view_of(torch.randn(4, 3), [0, 0, 1, 1])
    assert Term()(view) == 0
    assert Term().sample_weight(view) is None
