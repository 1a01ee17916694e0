import pytest
import torch
from torch import nn

from twinlib.data.align import CANONICAL_BOXES
from twinlib.errors import InputError
from twinlib.models.hca import HCA, fuse_scales, region_queries


def make(**options):
    hca = HCA(8, 2, **options)
    for p in hca.parameters():
        nn.init.normal_(p, std=0.3)
    return hca.double()


def some_boxes(B, R=4):
    corner = torch.rand(B, R, 2).double() * 0.5
    return torch.cat([corner, corner + 0.2 + 0.3 * torch.rand(B, R, 2).double()], dim=2)


def test_a_box_of_whole_tokens_reads_them():
    F = torch.arange(64.0).reshape(1, 1, 8, 8).double()
    box = torch.tensor([[[0.25, 0.25, 0.75, 0.75]]]).double()  # columns and rows 2–5
    assert torch.allclose(region_queries(F, box, 4)[0, 0, :, 0].reshape(4, 4), F[0, 0, 2:6, 2:6])


def test_fusion_by_loops():
    O, alpha = torch.randn(2, 4, 3, 5, 6).double(), torch.randn(4, 3).double()  # noqa: E741
    wanted = torch.zeros(2, 4, 6).double()
    for b in range(2):
        for r in range(4):
            weights = alpha[r].exp() / alpha[r].exp().sum()
            for s in range(3):
                for q in range(5):
                    wanted[b, r] += weights[s] * O[b, r, s, q] / 5
    torch.testing.assert_close(fuse_scales(O, alpha), wanted.flatten(1))


def slow(hca, F, boxes):
    """One region and one scale at a time."""
    out = []
    Q, contexts = hca.queries(F, boxes), hca.contexts(F)
    for r in range(Q.shape[1]):
        weights = hca.alpha[r].softmax(0)
        out.append(
            sum(w * block(Q[:, r], X).mean(1) for w, block, X in zip(weights, hca.blocks, contexts, strict=True))
        )
    return torch.cat(out, dim=1)


@pytest.mark.parametrize("size", [(14, 14), (5, 7)])
def test_regions_do_not_see_one_another(size):
    hca, F, boxes = make(), torch.randn(2, *size, 8).double(), some_boxes(2)
    torch.testing.assert_close(hca(F, boxes), slow(hca, F, boxes))


def test_permuting_regions_permutes_the_output():
    hca, F, boxes, order = make(), torch.randn(2, 6, 6, 8).double(), some_boxes(2), torch.tensor([2, 0, 3, 1])
    before = hca(F, boxes).unflatten(1, (4, 8))
    with torch.no_grad():
        hca.region.copy_(hca.region[order].clone())
        hca.alpha.copy_(hca.alpha[order].clone())
    torch.testing.assert_close(hca(F, boxes[:, order]).unflatten(1, (4, 8)), before[:, order])


def test_contexts_round_up_and_average_what_is_there():
    hca, F = make(), torch.ones(1, 5, 7, 8).double()
    shapes = [X.shape[1] for X in hca.contexts(F)]
    assert shapes == [35, 3 * 4, 2 * 2]
    torch.testing.assert_close(hca.contexts(F)[2], (1 + hca.scale[2]).expand(1, 4, 8))


def test_missing_boxes_are_the_canonical_ones():
    hca, F = make(), torch.randn(2, 6, 6, 8).double()
    canonical = torch.tensor(CANONICAL_BOXES).double().expand(2, -1, -1)
    assert torch.equal(hca(F), hca(F, canonical))


def test_refusals():
    with pytest.raises(InputError, match="4 regions but got 3 boxes"):
        make()(torch.randn(1, 6, 6, 8).double(), some_boxes(1, 3))
    with pytest.raises(InputError, match="scales must be whole numbers from 1"):
        HCA(8, 2, scales=(0, 1))
