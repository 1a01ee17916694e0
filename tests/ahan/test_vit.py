import pytest
import torch

from twinlib import config
from twinlib.ahan.vit import conv_stem
from twinlib.config import MODELS
from twinlib.errors import InputError

SMALL = {"image_size": 32, "patch": 8, "width": 16, "depth": 2, "heads": 2, "mlp_ratio": 2.0, "embedding": 8}


@pytest.mark.parametrize("stem", ["patch", "conv"])
@pytest.mark.parametrize("head", ["cls", "mean", "grid"])
def test_one_embedding_an_image_and_a_gradient_everywhere(stem, head):
    model = MODELS.build(config.ViT(**SMALL, stem=stem, head=head))
    e = model(torch.randn(4, 3, 32, 32))
    assert e.shape == (4, 8)
    e.square().sum().backward()
    unused = [name for name, p in model.named_parameters() if p.grad is None]
    assert not unused


def test_in_eval_an_image_does_not_see_its_neighbours():
    model = MODELS.build(config.ViT(**SMALL)).double().eval()
    x = torch.randn(3, 3, 32, 32, dtype=torch.float64)
    torch.testing.assert_close(model(x)[1:2], model(x[1:2]), rtol=0, atol=1e-12)


def test_grid_head_reads_where_and_the_class_token_does_not_need_to():
    """With attention blocks removed from the path, permuting tokens changes the grid head's output."""
    model = MODELS.build(config.ViT(**SMALL, head="grid")).eval()
    X = torch.randn(1, 16, 16)
    head = lambda t: model.embed(model.reduce(t).flatten(1))  # noqa: E731
    assert not torch.allclose(head(X), head(X.roll(1, dims=1)))


def test_the_mean_of_tokens_leaves_the_class_token_out():
    model = MODELS.build(config.ViT(**SMALL, head="mean"))
    X = torch.randn(2, 17, 16)
    torch.testing.assert_close(model.global_stream(X), X[:, 1:].mean(1))


def test_defaults_are_vit_b16():
    with torch.device("meta"):
        model = MODELS.build(config.ViT())
    backbone = sum(p.numel() for p in model.backbone.parameters())
    assert backbone == 85_798_656  # timm's vit_base_patch16_224 without classifier


@pytest.mark.parametrize("patch", [4, 8, 16])
def test_conv_stem_keeps_the_grid(patch):
    assert conv_stem(patch, 16)(torch.randn(2, 3, 32, 32)).shape == (2, 16, 32 // patch, 32 // patch)


def test_impossible_sizes_are_refused_by_field():
    with pytest.raises(InputError, match=r"model\.image_size 30 must be a multiple of model\.patch 8"):
        MODELS.build(config.ViT(**{**SMALL, "image_size": 30}))
    with pytest.raises(InputError, match=r"model\.width 16 must be a multiple of model\.heads 3"):
        MODELS.build(config.ViT(**{**SMALL, "heads": 3}))
    with pytest.raises(InputError, match="stem conv needs patch"):
        conv_stem(12, 16)
