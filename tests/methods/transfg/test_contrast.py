import torch
from term_views import view_of

from twinlib import config
from twinlib.losses.contrastive import batch_contrastive
from twinlib.methods.transfg.contrast import BatchContrastive

E = torch.randn(12, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
PAIRED = torch.arange(12) // 2


def test_the_loss_is_weighted():
    term = BatchContrastive(config.BatchContrastive(weight=0.5, margin=0.2))
    assert term(view_of(E, PAIRED)) == 0.5 * batch_contrastive(E, PAIRED, 0.2)
