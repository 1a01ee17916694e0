import pickle
from pathlib import Path

import pytest
import tiny_backbones  # noqa: F401 - registers them
import torch
from safetensors.torch import save_file
from train_fixtures import tiny

from twinlib import config
from twinlib.ahan.backbone import Standardise, feature_maps, named_backbone
from twinlib.errors import InputError
from twinlib.methods.miao.fpn import FPN
from twinlib.methods.ndtwin.local_global import LocalGlobal
from twinlib.train.pretraining.ready_made import fill, load_pretrained, load_published, read_weights
from twinlib.train.pretraining.start import starting_weights

timm = pytest.importorskip("timm")
LARGE = ["resnet50", "resnet101", "efficientnet_b0", "swin_tiny_patch4_window7_224"]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def made(name, tmp_path, **settings):
    """A classifier with weights away from their start, as timm would have it from the hub, and the file of it."""
    net = timm.create_model(name, **settings)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.8, 1.2)
    save_file(net.state_dict(), tmp_path / f"{name}.safetensors")
    return net.eval(), str(tmp_path / f"{name}.safetensors")


def seen_by(net, pixels):
    about = net.pretrained_cfg
    mean, std = (torch.tensor(about[key]).view(3, 1, 1) for key in ("mean", "std"))
    return (pixels - mean) / std


@pytest.mark.parametrize(
    ("name", "size"),
    [("test_resnet", 64), ("test_efficientnet", 64), *(pytest.param(n, 224, marks=pytest.mark.slow) for n in LARGE)],
)
def test_features_are_those_of_timm(name, size, tmp_path):
    published, file = made(name, tmp_path)
    settings = config.LocalGlobal(backbone=name, image_size=size, embedding=8, heads=1, pixels="backbone")
    net = LocalGlobal(settings).eval()
    init = load_published(net.backbone, name, file)
    assert init.startswith(f"file: {name}.safetensors")
    assert "%" not in init
    pixels = torch.rand(2, 3, size, size)
    with torch.no_grad():
        wanted = feature_maps(published, seen_by(published, pixels))
        torch.testing.assert_close(
            feature_maps(net.backbone, net.standardise(2 * pixels - 1)), wanted, rtol=1e-5, atol=1e-5
        )


@pytest.mark.slow
def test_features_of_a_base_vit_are_those_of_timm(tmp_path):
    name = "vit_base_patch16_224"
    published, file = made(name, tmp_path)
    net = named_backbone(config.ViT(backbone=name)).eval()
    assert load_pretrained(net, file) == f"file: {name}.safetensors"
    pixels = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        wanted = published.forward_features(seen_by(published, pixels))
        torch.testing.assert_close(net.forward_features(2 * pixels - 1), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "size"),
    [("test_resnet", 64), ("test_efficientnet", 64), *(pytest.param(n, 224, marks=pytest.mark.slow) for n in LARGE)],
)
def test_a_pyramid_takes_them_too(name, size, tmp_path):
    """Its backbone gives maps of four levels, under other names, and has no layers behind the last."""
    published, file = made(name, tmp_path)
    net = FPN(config.FPN(backbone=name, image_size=size, embedding=8, pixels="backbone")).eval()
    load_published(net.backbone, name, file)
    reference = timm.create_model(name, features_only=True, out_indices=(-4, -3, -2, -1)).eval()
    theirs = {key.replace(".", "_"): value for key, value in published.state_dict().items()}
    reference.load_state_dict({key: theirs[key.replace(".", "_")] for key in reference.state_dict()})
    pixels = torch.rand(1, 3, size, size)
    with torch.no_grad():
        for mine, wanted in zip(
            net.backbone(net.standardise(2 * pixels - 1)), reference(seen_by(published, pixels)), strict=True
        ):
            torch.testing.assert_close(mine, wanted, rtol=1e-5, atol=1e-5)


def test_standardised_pixels_by_hand():
    x = torch.rand(1, 3, 4, 4)
    mean, std = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    torch.testing.assert_close(Standardise("resnet50")(2 * x - 1), (x - mean) / std)
    assert Standardise("resnet50").state_dict() == {}  # the settings decide, weights of either kind load


def layers(*sizes):
    return torch.nn.ParameterDict({f"layer{i}": torch.zeros(n) for i, n in enumerate(sizes)})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([990, 10], "hub: x"),
        ([990], "hub: x"),  # 99 % exactly is all of it
    ],
)
def test_what_is_nearly_all_goes_in_without_a_word(given, said):
    net = layers(990, 10)
    assert fill(net, {f"layer{i}": torch.ones(n) for i, n in enumerate(given)}, "hub: x") == said
    assert net["layer0"].min() == 1


def test_what_is_missing_or_spare_is_named():
    found = fill(layers(960, 40), {"layer0": torch.ones(960), "other": torch.ones(3)}, "hub: x")
    assert found == "hub: x, 96.0% of the backbone, without layer1, 1 of its weights unused"


def test_too_little_and_other_shapes_are_refused():
    net = layers(949, 51)
    with pytest.raises(InputError, match=r"fill 94\.9% of it, wanted 95%; 1 are missing, first layer1"):
        fill(net, {"layer0": torch.ones(949)}, "hub: x")
    with pytest.raises(InputError, match=r"train.trunk: .* layer1 is \[50\] there, \[51\] here"):
        fill(net, {"layer0": torch.ones(949), "layer1": torch.ones(50)}, "hub: x")
    for value, said in (
        (torch.full((51,), torch.nan), "layer1 holds NaN or infinity"),
        (torch.tensor([torch.inf] * 51).half(), "layer1 holds NaN or infinity"),
        (torch.ones(51, dtype=torch.int64), r"layer1 holds torch\.int64, wanted real numbers"),
        (torch.ones(51, dtype=torch.complex64), "wanted real numbers"),
    ):
        with pytest.raises(InputError, match=said):
            fill(net, {"layer0": torch.ones(949), "layer1": value}, "hub: x")
    assert net["layer0"].max() == 0  # untouched


@pytest.mark.parametrize("nest", [lambda s: s, lambda s: {"state_dict": s}, lambda s: {"model": s, "epoch": 3}])
def test_a_nested_file_of_several_processes_is_read(nest, tmp_path):
    torch.save(nest({"module.a": torch.ones(2)}), tmp_path / "w.pth")
    assert {name: value.tolist() for name, value in read_weights(tmp_path / "w.pth").items()} == {"a": [1.0, 1.0]}


@pytest.mark.parametrize("wrong", [{"epoch": 3}, [torch.ones(2)], torch.ones(2), {1: torch.ones(2)}])
def test_a_file_that_is_no_table_of_tensors_is_refused(wrong, tmp_path):
    torch.save(wrong, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"w\.pth holds no table of tensors"):
        read_weights(tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"hello", "damaged or holds more"),
        (b"PK\x03\x04cut", "damaged"),
        (b"\x80\x02h\x07.", "damaged"),
    ],
    ids=["empty", "text", "cut", "a pickle that refers to nothing"],
)
@pytest.mark.parametrize("ending", [".pth", ".bin"])
def test_a_file_that_torch_cannot_read_is_named(data, said, ending, tmp_path):
    (tmp_path / f"w{ending}").write_bytes(data)
    with pytest.raises(InputError, match=rf"train.trunk: .*w\{ending} is .*{said}"):
        read_weights(tmp_path / f"w{ending}")


def test_what_a_pickle_would_run_is_not_run(tmp_path):
    class Command:
        def __reduce__(self):
            return Path.touch, (tmp_path / "run",)

    (tmp_path / "w.pth").write_bytes(pickle.dumps({"state_dict": Command()}, protocol=4))
    with pytest.raises(InputError, match=r"more than weights, which is not run"):
        read_weights(tmp_path / "w.pth")
    assert not (tmp_path / "run").exists()


def test_a_cut_file_is_refused(tmp_path):
    _, file = made("test_resnet", tmp_path)
    whole = (tmp_path / "test_resnet.safetensors").read_bytes()
    (tmp_path / "test_resnet.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"test_resnet\.safetensors is no safetensors file"):
        load_published(timm.create_model("test_resnet"), "test_resnet", file)


def test_a_run_starts_from_them_and_says_so(tmp_path):
    published, file = made("test_resnet", tmp_path)
    weights, init = starting_weights(config.load("miao", "smoke", (f"train.trunk={file}",)))
    assert init == "file: test_resnet.safetensors"
    torch.testing.assert_close(weights["layer1.0.conv1.weight"], published.state_dict()["layer1.0.conv1.weight"])


def test_pixels_on_another_scale_are_refused(tmp_path):
    _, file = made("resnet10t", tmp_path)  # ImageNet's mean, unlike timm's test networks
    given = ("model.backbone=resnet10t", f"train.trunk={file}")
    with pytest.raises(InputError, match=r"set model\.pixels=backbone"):
        starting_weights(config.load("local_global", "smoke", given))
    _, init = starting_weights(config.load("local_global", "smoke", (*given, "model.pixels=backbone")))
    assert init == "file: resnet10t.safetensors"


def test_a_network_of_ones_own_is_refused(tmp_path):
    torch.save({}, tmp_path / "w.pth")
    with pytest.raises(InputError, match="fit networks of timm, not iresnet"):
        starting_weights(config.load("arcface", "smoke", (f"train.trunk={tmp_path / 'w.pth'}",)))
    with pytest.raises(InputError, match=r"fill 0\.0% of it"):
        starting_weights(tiny("vit", f"train.trunk={tmp_path / 'w.pth'}"))
