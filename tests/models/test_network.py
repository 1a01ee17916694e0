import numpy as np
import pytest
import torch
from small_networks import SMALL
from torch import nn

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.network import whole_steps
from twinlib.train.parallel import gathered_batch_norm

NETS = {}
BOXES = torch.tensor([0.2, 0.1, 0.7, 0.6]).expand(3, 4, 4)


def net_of(name):
    if name not in NETS:
        NETS[name] = config.MODELS.build(SMALL[name])
    return NETS[name].eval()


def refused(net, *given, match):
    """The network's own error comes before the type checks of the tests, which a user does not have."""
    with pytest.raises(InputError, match=match):
        net(*given)


@pytest.mark.parametrize("name", config.MODELS)
def test_every_network_refuses_what_it_cannot_read_and_says_the_remedy(name):
    net = net_of(name)
    size = net.preprocess.size
    x = torch.zeros(3, 3, size, size)
    assert len(net(x)) == 3
    refused(net, x[0], match=r"images must have the shape \[B, 3, .*images\[None\]")
    refused(net, x.permute(0, 2, 3, 1), match=r"images\.permute\(0, 3, 1, 2\)")
    refused(net, x[:, :1], match=r"expand\(-1, 3, -1, -1\)")
    refused(net, torch.cat([x, x[:, :1]], 1), match=r"images\[:, :3\]")
    refused(net, x[..., :-1], match=f"resize the crops to {size} × {size} px")
    refused(net, torch.zeros(3, 3, size + 1, size + 1), match=r"or set model\.image_size")
    refused(net, x[0, 0], match="must have the shape")
    refused(net, x.byte(), match=r"must be floating-point, .*torch\.uint8.*net\.preprocess")
    refused(net, x.double(), match=r"images are torch\.float64, .*torch\.float32; images\.to\(torch\.float32\)")
    refused(net, x.half(), match=r"images are torch\.float16")
    refused(net, x[:0], match="the batch holds no image")
    refused(net, np.zeros((3, size, size, 3), np.uint8), match="got ndarray")
    refused(net, None, match="got NoneType")
    refused(net, x.to("meta"), match="images lie on meta, the network on cpu")


@pytest.mark.parametrize("name", config.MODELS)
def test_a_training_batch_of_one_is_refused_and_in_eval_it_is_embedded(name):
    net = net_of(name)
    x = torch.zeros(1, 3, net.preprocess.size, net.preprocess.size)
    assert len(net(x)) == 1
    state = {key: value.clone() for key, value in net.state_dict().items()}
    refused(net.train(), x, match=r"a training batch of one image: .*net\.eval\(\)")
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())


def test_statistics_that_several_processes_share_take_one_image_of_each():
    net = gathered_batch_norm(nn.Sequential(nn.BatchNorm1d(2)))[0]
    from twinlib.models.network import _needs_two

    assert _needs_two(nn.BatchNorm1d(2))
    assert not _needs_two(net)
    assert not _needs_two(nn.BatchNorm1d(2).eval())


def test_half_precision_is_read_inside_autocast_only():
    net = net_of("vit")
    x = torch.zeros(2, 3, 32, 32, dtype=torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        assert net(x).isfinite().all()
        refused(net, x.double(), match="float64")
    refused(net, x, match="bfloat16")


NAN, FLAT = BOXES.clone(), BOXES.clone()
NAN[1, 2, 0], FLAT[2, 3, 2] = torch.nan, 0.2


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("boxes", "match"),
    [
        (BOXES[:2], r"tensor \[3, 4, 4\]: eyes, nose, mouth, jaw of each image; got \[2, 4, 4\]"),
        (BOXES[:, :3], r"got \[3, 3, 4\]"),
        (BOXES[0], r"got \[4, 4\]"),
        (BOXES.numpy(), "got ndarray"),
        (NAN, r"those of image 1 are not, or hold NaN \(1 images\)"),
        (BOXES.flip(2), "those of image 0"),
        (BOXES * 112, r"lie in \[0, 1\] of the crop; found 78\.4"),
    ],
)
def test_boxes_of_another_shape_empty_or_in_pixels_are_refused(boxes, match, training):
    refused(net_of("ahan").train(training), torch.zeros(3, 3, 32, 32), boxes, match=match)


def test_an_empty_box_is_refused_but_augmentation_may_leave_one():
    net = net_of("ahan")
    refused(net, torch.zeros(3, 3, 32, 32), FLAT, match="x0 < x1 .* those of image 2")
    assert net.train()(torch.randn(3, 3, 32, 32), FLAT).isfinite().all()


@pytest.mark.parametrize("name", ["ahan", "dcal"])
@pytest.mark.parametrize(
    ("partner", "match"),
    [
        (torch.tensor([1, 0, 3]), r"names rows 0 … 3, but the batch has rows 0 … 2"),
        (torch.tensor([1, 0, -1]), r"names rows -1 … 1"),
        (torch.tensor([1, 0]), r"for each of 3 images, .*got torch\.int64 \[2\]"),
        (torch.tensor([1.0, 0, 2]), r"got torch\.float32 \[3\]"),
        (torch.ones(3, 2, dtype=torch.bool), r"got torch\.bool \[3, 2\]"),
        ([1, 0, 2], "got list"),
    ],
)
def test_partners_that_are_no_rows_of_the_batch_are_refused(name, partner, match):
    given = (BOXES, partner) if name == "ahan" else (partner,)
    refused(net_of(name).train(), torch.zeros(3, 3, 32, 32), *given, match=match)
    assert len(net_of(name)(torch.zeros(3, 3, 32, 32), *given[:-1])) == 3


@pytest.mark.parametrize(
    ("size", "step", "first", "nearest"),
    [(100, 16, 0, "96 and 112"), (9, 16, 0, "16"), (0, 16, 0, "16"), (30, 6, 8, "26 and 32"), (7, 6, 8, "8")],
)
def test_a_size_that_leaves_pixels_out_is_refused_with_the_nearest(size, step, first, nearest):
    with pytest.raises(InputError, match=rf"of model\.x {step}, .*nearest: {nearest}\. Set data\.size"):
        whole_steps(size, step, "model.x", first)
    for good in nearest.split(" and "):
        whole_steps(int(good), step, "model.x", first)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ahan", {"backbone": "test_vit", "image_size": 100}),
        ("ahan", {"backbone": "vit_small_patch14_reg4_dinov2", "image_size": 100}),
        ("vit", {"image_size": 100}),
        ("dcal", {"image_size": 100}),
        ("transfg", {"image_size": 100, "stride": 10}),
        ("mobilefacenet", {"image_size": 100}),
        ("shufflefacenet", {"image_size": 100}),
    ],
)
def test_every_network_refuses_such_a_size_when_it_is_built(name, given):
    with pytest.raises(InputError, match=r"model\.image_size 100 must be .*nearest: \d+ and \d+\."):
        config.MODELS.build(config.MODELS[name](**given))
