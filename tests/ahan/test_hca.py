import pytest
import torch
from torch import nn
from torchvision.ops import roi_align

from twinlib.ahan.hca import HCA, fuse_scales, region_queries
from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES


def make(**options):
    hca = HCA(8, heads=2, **options)
    for p in hca.parameters():
        nn.init.normal_(p, std=0.3)
    return hca.double()


def some_boxes(B, R=4):
    corner = torch.rand(B, R, 2).double() * 0.5
    return torch.cat([corner, corner + 0.2 + 0.3 * torch.rand(B, R, 2).double()], dim=2)


def test_a_box_of_whole_tokens_reads_them():
    F = torch.arange(64.0).reshape(1, 8, 8, 1).double()
    box = torch.tensor([[[0.25, 0.25, 0.75, 0.75]]]).double()  # columns and rows 2–5
    assert torch.allclose(region_queries(F, box, 4)[0, 0, :, 0].reshape(4, 4), F[0, 2:6, 2:6, 0])


@pytest.mark.parametrize("size", [(14, 14), (5, 7), (1, 3)])
def test_queries_are_those_of_roi_align(size):
    H, W = size
    F, boxes = torch.randn(3, H, W, 8).double().requires_grad_(), some_boxes(3) * 2.4 - 0.7  # some lie partly outside
    index = torch.arange(3).repeat_interleave(4)[:, None].double()
    rois = torch.cat([index, (boxes * torch.tensor([W, H, W, H])).flatten(0, 1)], dim=1)
    wanted = roi_align(F.permute(0, 3, 1, 2), rois, 4, sampling_ratio=2, aligned=True)
    wanted = wanted.flatten(2).transpose(1, 2).unflatten(0, (3, 4))
    found = region_queries(F, boxes, 4)
    torch.testing.assert_close(found, wanted)
    weight = torch.randn_like(wanted)
    grads = [torch.autograd.grad((Q * weight).sum(), F)[0] for Q in (found, wanted)]
    torch.testing.assert_close(*grads)


def test_fusion_by_loops():
    O, alpha = torch.randn(2, 4, 3, 6).double(), torch.randn(4, 3).double()  # noqa: E741
    wanted = torch.zeros(2, 4, 6).double()
    for b in range(2):
        for r in range(4):
            weights = alpha[r].exp() / alpha[r].exp().sum()
            for s in range(3):
                wanted[b, r] += weights[s] * O[b, r, s]
    torch.testing.assert_close(fuse_scales(O, alpha), wanted.flatten(1))


def test_weights_of_the_scales_sum_to_one():
    same = torch.randn(2, 4, 1, 6).double()  # what every scale says
    torch.testing.assert_close(fuse_scales(same.expand(2, 4, 3, 6), torch.randn(4, 3).double()), same.flatten(1))


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


def test_a_map_with_channels_first_is_the_same_map():
    last, first = make(), make(layout="NCHW")
    first.load_state_dict(last.state_dict())
    F, boxes = torch.randn(2, 5, 7, 8).double(), some_boxes(2)
    assert torch.equal(first(F.permute(0, 3, 1, 2), boxes), last(F, boxes))


@pytest.mark.parametrize("size", [(6, 8), (5, 7)])
def test_attention_maps_are_what_the_output_is_made_of(size):
    """With identity values and projections and nothing else in the block, the mean read is map · context."""
    hca, F, boxes = make(), torch.randn(2, *size, 8).double(), some_boxes(2)
    for s, A, block, X in zip(hca.scales, hca.attention(F, boxes), hca.blocks, hca.contexts(F), strict=True):
        assert A.shape == (2, 4, -(-size[0] // s), -(-size[1] // s))
        torch.testing.assert_close(A.sum((2, 3)), torch.ones(2, 4).double())
        with torch.no_grad():
            block.attn.to_kv.weight[8:] = torch.eye(8)
            block.attn.to_kv.bias[8:] = 0
        one_head = block.attn.weights(block.norm_q(hca.queries(F, boxes).flatten(1, 2)), block.norm_kv(X))
        read = block.attn.read(block.norm_q(hca.queries(F, boxes).flatten(1, 2)), block.norm_kv(X))
        torch.testing.assert_close(read[..., :4], one_head[:, 0] @ block.norm_kv(X)[..., :4])
        torch.testing.assert_close(A.flatten(2), one_head.mean(1).unflatten(1, (4, 16)).mean(2))


def test_learned_regions_need_no_boxes_and_are_weighted_means():
    hca, F = make(find="learned"), torch.randn(2, 5, 7, 8).double()
    torch.testing.assert_close(hca.places(F).sum((3, 4)), torch.ones(2, 4, 16).double())
    wanted = torch.einsum("brqhw,bhwd->brqd", hca.places(F), F) + hca.region[:, None]
    torch.testing.assert_close(hca.queries(F, None), wanted)
    assert torch.equal(hca(F), hca(F, some_boxes(2)))
    hca(F).square().sum().backward()
    assert not [name for name, p in hca.named_parameters() if p.grad is None]


def test_refusals():
    with pytest.raises(InputError, match=r"made for 8 channels, the NHWC map has 6; set dim or layout"):
        make()(torch.randn(1, 8, 6, 6).double())
    with pytest.raises(InputError, match="4 regions but got 3 boxes"):
        make()(torch.randn(1, 6, 6, 8).double(), some_boxes(1, 3))
    with pytest.raises(InputError, match="scales must be whole numbers from 1"):
        HCA(8, 2, scales=(0, 1))


def test_feature_maps_of_other_networks():
    """A ConvNeXt keeps its channels first, a Swin last; both maps are not square here."""
    from timm import create_model
    from timm.models.swin_transformer import SwinTransformer

    from twinlib.ahan.faam import FAAM

    images = torch.randn(2, 3, 96, 64)
    sizes = {"img_size": (96, 64), "window_size": 2, "embed_dim": 8, "depths": (1, 1), "num_heads": (1, 2)}
    networks = {"NHWC": SwinTransformer(**sizes, num_classes=0), "NCHW": create_model("test_convnext", num_classes=0)}
    for layout, network in networks.items():
        F = network.eval().forward_features(images)
        dim = network.num_features
        h = HCA(dim=dim, heads=2, layout=layout)(F, some_boxes(2).float())
        f = FAAM(dim=dim, heads=2, layout=layout)(F)
        assert (h.shape, f.shape) == ((2, 4 * dim), (2, dim))
        assert torch.isfinite(h).all()
