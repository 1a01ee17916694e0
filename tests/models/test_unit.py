import pytest
import timm
import torch
from small_networks import SMALL
from torch import nn
from torch.nn.functional import normalize

from twinlib import config
from twinlib.models.unit import Strided, answer, pick_pixels, unit


def test_rows_have_length_one_exactly_as_torch_has_them():
    x = torch.randn(5, 4)
    assert torch.equal(unit(x), normalize(x))
    assert torch.autograd.gradcheck(unit, torch.randn(3, 4, dtype=torch.float64, requires_grad=True))


@pytest.mark.parametrize("length", [0.0, 1e-20])
def test_a_row_without_direction_stays_and_gets_no_gradient(length):
    """torch's own gives it 1e12 times the gradient."""
    x = torch.stack([torch.tensor([length, 0.0]), torch.tensor([3.0, 4.0])]).requires_grad_()
    (unit(x) * torch.tensor([2.0, 1.0])).sum().backward()
    assert unit(x).isfinite().all()
    assert x.grad[0].tolist() == [0, 0]
    assert x.grad[1].abs().sum() > 0


def test_of_one_number_a_sign_is_left_without_a_gradient():
    x = torch.tensor([[-2.0], [0.0]], requires_grad=True)
    unit(x).sum().backward()
    assert unit(x).flatten().tolist() == [-1, 0]
    assert x.grad.abs().max() < 1e-6


def test_only_what_was_asked_for():
    e, given = torch.zeros(1), {"tokens": torch.ones(1), "gates": torch.ones(2)}
    assert answer(e, given, ()) is e
    assert answer(e, given, ("gates",)) == (e, {"gates": given["gates"]})
    with pytest.raises(KeyError):
        answer(e, given, ("other",))


def strided(net):
    """Names of 1 × 1 convolutions with a stride that oneDNN would see."""
    convolutions = {name: module for name, module in net.named_modules() if isinstance(module, nn.Conv2d)}
    pointed = {name: c for name, c in convolutions.items() if c.kernel_size == (1, 1) and c.stride != (1, 1)}
    return [name for name, c in pointed.items() if not isinstance(c, Strided)]


def of_both(ours, theirs, x):
    """Output of both, and gradients by input and weights."""
    found = []
    for layer in (ours, theirs):
        x = x.detach().requires_grad_()
        y = layer(x)
        found.append([y, *torch.autograd.grad((y * y.detach().cos()).sum(), [x, *layer.parameters()])])
    return zip(*found, strict=True)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("stride", "size"), [(2, (8, 8)), (2, (7, 5)), (3, (8, 7)), ((1, 2), (4, 4)), (5, (3, 3))])
def test_it_is_the_librarys_convolution(stride, size, layout):
    torch.manual_seed(0)
    for n_in, groups, bias in ((4, 1, False), (1, 1, True), (12, 3, True)):
        theirs = nn.Conv2d(n_in, 6, 1, stride, groups=groups, bias=bias).double()
        ours = Strided(n_in, 6, 1, stride, groups=groups, bias=bias).double()
        ours.load_state_dict(theirs.state_dict())
        x = torch.randn(3, n_in, *size, dtype=torch.float64)
        for a, b in of_both(ours.to(memory_format=layout), theirs, x.contiguous(memory_format=layout)):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_layouts_agree_in_single_precision():
    torch.manual_seed(0)
    layer, x = Strided(8, 16, 1, 2, bias=False), torch.randn(4, 8, 56, 56)
    other = Strided(8, 16, 1, 2, bias=False).to(memory_format=torch.channels_last)
    other.load_state_dict(layer.state_dict())
    for one, two in zip(
        of_both(layer, layer, x), of_both(other, other, x.contiguous(memory_format=torch.channels_last)), strict=True
    ):
        torch.testing.assert_close(one[0], two[0], rtol=1e-4, atol=1e-4)


def test_a_librarys_network_keeps_its_weights_and_numbers():
    torch.manual_seed(0)
    net = timm.create_model("resnet18", num_classes=0).double().eval()
    before, x = {k: v.clone() for k, v in net.state_dict().items()}, torch.randn(2, 3, 64, 64).double()
    wanted, names = net(x), strided(net)
    assert len(names) == 3
    assert pick_pixels(net) is net
    assert strided(net) == []
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    torch.testing.assert_close(net(x), wanted, rtol=0, atol=1e-10)


def test_other_convolutions_stay_what_they_are():
    class Own(nn.Conv2d):
        """Somebody's own convolution, which may do more."""

    kinds = [nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(3, 4, 1, 2, padding=1), Own(3, 4, 1, 2)]
    pick_pixels(nn.ModuleList(kinds))
    assert [type(kind) for kind in kinds] == [nn.Conv2d] * 3 + [Own]


@pytest.mark.parametrize("name", config.MODELS)
def test_no_network_of_ours_asks_the_library_for_one(name):
    assert strided(config.MODELS.build(SMALL[name])) == []


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "efficientnet_b0", "regnetx_002"])
def test_nor_does_one_on_a_backbone(name):
    for cfg in (config.FPN(backbone=name), config.LocalGlobal(backbone=name)):
        "fpn" if isinstance(cfg, config.FPN) else "local_global"
        assert strided(config.MODELS.build(cfg)) == []
