import pytest
import timm
import tiny_backbones  # noqa: F401 - registers them
import torch
from safetensors.torch import save_file

from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.backbone import named_backbone
from twinlib.ahan.maps import face_maps
from twinlib.ahan.rollout import block_with_map
from twinlib.ahan.ta_pwca import block_with_partner
from twinlib.ahan.vit import ViT
from twinlib.errors import InputError
from twinlib.train.pretraining.ready_made import load_pretrained

NAME = "test_vit.r160_in1k"  # 64 wide, 6 blocks; made by timm for tests
SMALL = {"backbone": NAME, "image_size": 64, "embedding": 8}
IMAGES = torch.randn(2, 3, 64, 64)


@pytest.fixture(scope="module")
def published():
    """A classifier as timm would have it from the hub, for images of 160 px."""
    torch.manual_seed(1)
    return timm.create_model(NAME, pretrained=False).eval()


def test_ahan_on_a_vit_of_timm_takes_its_sizes():
    model = AHAN(config.AHAN(**SMALL))
    assert model.grid == 4
    assert model.hca.dim == model.backbone.embed_dim == 64
    assert model.candidates == (3, 4)  # of 6 blocks
    model.paired = (3,)
    e = model(IMAGES, None, torch.tensor([1, 0]))
    e.square().sum().backward()
    assert e.shape == (2, 8)
    assert not [name for name, p in model.named_parameters() if p.grad is None]


def test_registers_are_no_part_of_the_map():
    model = ViT(config.ViT(backbone="vit_small_patch14_reg4_dinov2", image_size=28, embedding=8))
    X = torch.randn(1, 1 + 4 + 4, 384)
    assert torch.equal(model.map(X).flatten(1, 2), X[:, 5:])


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_of_a_file_compute_what_they_did(published, suffix, tmp_path):
    file = tmp_path / f"weights{suffix}"
    state = published.state_dict()
    save_file(state, file) if suffix == ".safetensors" else torch.save({"state_dict": state}, file)
    net = named_backbone(config.ViT(backbone=NAME, image_size=160)).eval()
    assert load_pretrained(net, str(file)) == f"file: weights{suffix}"
    pixels = torch.rand(2, 3, 160, 160)
    mean, std = (torch.tensor(published.pretrained_cfg[key])[:, None, None] for key in ("mean", "std"))
    wanted = published.forward_features((pixels - mean) / std)
    torch.testing.assert_close(net.forward_features((pixels - 0.5) / 0.5), wanted, rtol=1e-4, atol=1e-4)


def test_weights_trained_on_another_mean_are_folded(published, tmp_path):
    save_file(published.state_dict(), tmp_path / "w.safetensors")
    net = named_backbone(config.ViT(backbone=NAME, image_size=160))
    net.pretrained_cfg = {**net.pretrained_cfg, "mean": (0.4, 0.5, 0.6), "std": (0.2, 0.3, 0.4)}
    load_pretrained(net, str(tmp_path / "w.safetensors"))
    pixels = torch.rand(2, 3, 160, 160)
    mean, std = torch.tensor([0.4, 0.5, 0.6])[:, None, None], torch.tensor([0.2, 0.3, 0.4])[:, None, None]
    wanted = published.patch_embed((pixels - mean) / std)
    torch.testing.assert_close(net.patch_embed((pixels - 0.5) / 0.5), wanted, rtol=1e-4, atol=1e-4)


def test_position_embeddings_are_resampled_to_other_sizes(published, tmp_path):
    save_file(published.state_dict(), tmp_path / "w.safetensors")
    net = named_backbone(config.ViT(backbone=NAME, image_size=64))
    load_pretrained(net, str(tmp_path / "w.safetensors"))
    assert net.pos_embed.shape == (1, 17, 64)
    assert torch.equal(net.cls_token, published.cls_token)


def test_a_hub_out_of_reach_is_said_in_one_line():
    net = named_backbone(config.ViT(backbone=NAME, image_size=64))
    with pytest.raises(InputError, match=r"weights of test_vit\.r160_in1k cannot be had from the hub .* give the file"):
        load_pretrained(net, "hub")
    with pytest.raises(InputError, match=r"'hub' need model\.backbone"):
        load_pretrained(ViT(config.ViT(image_size=32, patch=8, width=16, depth=1, heads=2)).backbone, "hub")


def test_files_that_are_no_weights_are_refused(tmp_path):
    net = named_backbone(config.ViT(backbone=NAME, image_size=64))
    with pytest.raises(InputError, match=r"no weight file 'w\.pth'"):
        load_pretrained(net, str(tmp_path / "w.pth"))
    torch.save({"model": object()}, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"w\.pth .*holds more than weights"):
        load_pretrained(net, str(tmp_path / "w.pth"))
    (tmp_path / "w.safetensors").write_bytes(b"no")
    with pytest.raises(InputError, match=r"w\.safetensors is no safetensors file"):
        load_pretrained(net, str(tmp_path / "w.safetensors"))
    save_file({"cls_token": torch.zeros(1, 1, 4)}, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"file: w\.safetensors do not fit the backbone"):
        load_pretrained(net, str(tmp_path / "w.safetensors"))


def test_impossible_backbones_are_refused_by_name():
    with pytest.raises(InputError, match=r"'vit_huge' is no network of timm; similar: vit_huge"):
        named_backbone(config.ViT(backbone="vit_huge"))
    with pytest.raises(InputError, match=r"'resnet18' cannot be made|'resnet18' is no plain ViT"):
        named_backbone(config.ViT(backbone="resnet18"))
    with pytest.raises(InputError, match=r"'vit_tiny_patch16_224\.nothing' cannot be made"):
        named_backbone(config.ViT(backbone="vit_tiny_patch16_224.nothing"))
    for other in ("test_vit_relpos", "tiny_swin", "beit_base_patch16_224"):
        with pytest.raises(InputError, match=f"'{other}' (cannot be made as a ViT|is no plain ViT)"):
            named_backbone(config.ViT(backbone=other, image_size=32))
    with pytest.raises(InputError, match=r"model\.width 96 is not that of test_vit\.r160_in1k \(64\)"):
        named_backbone(config.ViT(backbone=NAME, image_size=64, width=96))


@pytest.mark.parametrize("name", ["tiny_mean", "tiny_map"])
def test_without_a_class_token_the_global_stream_is_the_mean_of_the_patches(name):
    model = AHAN(config.AHAN(backbone=name, image_size=32, embedding=8)).eval()
    X = model.tokens(torch.randn(2, 3, 32, 32))
    torch.testing.assert_close(X.mean(2), torch.zeros(X.shape[:2]), rtol=0, atol=1e-5)  # after the last layer norm
    torch.testing.assert_close(model.global_stream(X), X[:, -16:].mean(1))
    maps = face_maps(model, torch.randn(2, 3, 32, 32))
    assert maps.token.shape == (2, 4, 4)
    model.train()(torch.randn(2, 3, 32, 32)).square().sum().backward()
    assert not [name for name, p in model.named_parameters() if p.grad is None]


def test_a_norm_behind_the_pooling_is_loaded_into_the_one_before_it(tmp_path):
    for name in ("tiny_mean", "tiny_both", "tiny_map"):
        published = timm.create_model(name).eval()
        torch.nn.init.normal_(published.fc_norm.weight if name != "tiny_map" else published.norm.weight)
        torch.save({"state_dict": published.state_dict()}, tmp_path / "w.pth")
        net = named_backbone(config.ViT(backbone=name, image_size=32)).eval()
        load_pretrained(net, str(tmp_path / "w.pth"))
        x = torch.randn(1, 3, 32, 32)
        behind = published.norm if name == "tiny_map" else published.fc_norm
        published.norm = torch.nn.Identity()
        torch.testing.assert_close(net.forward_features(x), behind(published.forward_features(x)))


@pytest.mark.parametrize("name", ["tiny_plain", "tiny_scaled", "test_vit"])
def test_our_passes_through_a_block_are_those_of_timm(name):
    block = named_backbone(config.ViT(backbone=name, image_size=32)).blocks[1].eval()
    for p in block.parameters():
        torch.nn.init.normal_(p, std=0.2)
    X = torch.randn(3, 5, block.norm1.normalized_shape[0])
    torch.testing.assert_close(block_with_map(block, X)[0], block(X))
    torch.testing.assert_close(block_with_partner(block, X, torch.arange(3)), block(X))
