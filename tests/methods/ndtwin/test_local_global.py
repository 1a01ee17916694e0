import pytest
import tiny_backbones  # noqa: F401 - registers them
import torch
from golden_files import golden, relative

from twinlib import config
from twinlib.ahan.backbone import feature_maps, mapped_backbone
from twinlib.errors import InputError
from twinlib.methods.ndtwin.local_global import CBAM, LocalGlobal, Transformer


def small(**changes):
    return LocalGlobal(config.LocalGlobal(image_size=64, backbone="test_resnet", dropout=0.0, embedding=8, **changes))


def test_cbam_against_the_golden_vectors():
    data = {key: torch.from_numpy(value) for key, value in golden("ndtwin").items() if key.startswith("cbam")}
    channels, hidden = data["cbam_ch2"].shape[:2]
    cbam = CBAM(channels, channels // hidden).double()
    cbam.load_state_dict(
        {"down.weight": data["cbam_ch1"], "up.weight": data["cbam_ch2"], "place.weight": data["cbam_sp"]}
    )
    out, where = cbam(data["cbam_in"])
    assert relative(out.detach(), data["cbam_out"].numpy()) < 1e-9
    assert relative(where.detach(), data["cbam_att"].numpy()) < 1e-9


@pytest.mark.parametrize("attention", ["cbam", "transformer", "spatial"])
def test_every_attention_gives_branches_and_a_map(attention):
    net = small(attention=attention)
    e, extra = net(torch.randn(4, 3, 64, 64), wanted=("whole", "local", "attention"))
    assert extra["whole"].shape == extra["local"].shape == (4, 4)
    assert extra["attention"].shape == (4, 1, 2, 2)
    assert 0 < extra["attention"].min() <= extra["attention"].max() < 1
    torch.testing.assert_close(e.norm(dim=1), torch.ones(4))


def test_transformer_attention_keeps_places_apart():
    """A map with one place changed by permutation of places is permuted, not scrambled (the public code scrambles)."""
    layer, x = Transformer(8, 2).eval(), torch.randn(1, 8, 3, 3)
    order = torch.randperm(9)
    permuted = lambda t: t.flatten(2)[:, :, order].unflatten(2, (3, 3))  # noqa: E731
    torch.testing.assert_close(layer(permuted(x))[0], permuted(layer(x)[0]))


def test_the_embedding_is_trained_by_its_own_loss():
    """The composite loss reaches fusion and embedding only with `train_embedding`; the public code leaves it out."""
    from twinlib.methods.ndtwin.ndtwin import Features, ndtwin_loss

    for trained in (True, False):
        net = small()
        e, extra = net(torch.randn(4, 3, 64, 64), wanted=net.outputs)
        a, b = (Features(*(x[i::2] for x in (e, *extra.values()))) for i in (0, 1))
        ndtwin_loss(a, b, torch.tensor([True, False]), config.NDTwin(train_embedding=trained)).backward()
        assert [p.grad is not None for p in net.embed.parameters()] == [trained, trained]


def test_a_backbone_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"model\.backbone 'resnet5' is no network of timm; similar: resnet50"):
        LocalGlobal(config.LocalGlobal(backbone="resnet5"))


@pytest.mark.parametrize("attention", ["cbam", "transformer", "spatial"])
@pytest.mark.parametrize(
    ("backbone", "map_size"),
    [("tiny_plain", 4), ("tiny_reg4", 4), ("tiny_distilled", 4), ("tiny_mean", 4), ("tiny_map", 4), ("tiny_swin", 4),
     ("test_vit_relpos", 2), ("test_maxvit", 1)],
)  # fmt: skip
def test_tokens_of_a_transformer_are_a_map(backbone, map_size, attention):
    net = LocalGlobal(config.LocalGlobal(image_size=32, backbone=backbone, attention=attention, embedding=8))
    e, extra = net(torch.randn(3, 3, 32, 32), wanted=net.outputs)
    assert extra["attention"].shape == (3, 1, map_size, map_size)
    (e.sum() + extra["whole"].sum() + extra["local"].sum()).backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)


@pytest.mark.parametrize(("backbone", "place"), [("tiny_reg4", 5), ("tiny_distilled", 2), ("tiny_map", 0)])
def test_a_token_lies_where_its_patch_is(backbone, place):
    net, channels = mapped_backbone(backbone, 32)
    x = torch.randn(1, 3, 32, 32)
    F = feature_maps(net.eval(), x)
    assert F.shape == (1, channels, 4, 4)
    torch.testing.assert_close(F[0, :, 2, 1], net.forward_features(x)[0, place + 9])


def test_swins_channels_come_first():
    net, channels = mapped_backbone("tiny_swin", 32)
    x = torch.randn(1, 3, 32, 32)
    F = feature_maps(net.eval(), x)
    assert F.shape == (1, channels, 4, 4)
    torch.testing.assert_close(F[0, :, 2, 1], net.forward_features(x)[0, 2, 1])


@pytest.mark.parametrize(
    ("backbone", "size", "match"),
    [
        ("tiny_plain", 4, "gives no map of 4 px pictures"),
        ("tiny_tall", 32, r"gives features \[1, 32, 24\], neither a map nor tokens of a square grid"),
        ("swin_tiny_patch4_window7_224", 30, r"model\.image_size 30 must be a multiple .* nearest: 28 and 32"),
        ("crossvit_tiny_240", 240, "gives features list"),
        ("efficientformer_l1", 64, "gives no map of 64 px pictures"),
    ],
)
def test_what_gives_no_map_is_refused_by_name_when_it_is_built(backbone, size, match):
    with pytest.raises(InputError, match=rf"model\.backbone '{backbone}' .*{match}"):
        LocalGlobal(config.LocalGlobal(backbone=backbone, image_size=size))
    with pytest.raises(InputError, match="at least 2, got 1"):
        LocalGlobal(config.LocalGlobal(backbone="test_resnet", embedding=1))
