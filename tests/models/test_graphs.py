"""Compiling, exporting and half precision, in a process without the type checks of the tests: they break graphs."""

import subprocess
import sys

import pytest
import torch

from twinlib import config
from twinlib.ahan.ahan import AHAN

HEAD = """
import torch
from twinlib import config
from twinlib.ahan.ahan import AHAN
SIZES = dict(image_size=40, patch=8, width=16, depth=3, heads=2, mlp_ratio=2.0, embedding=8)
images, boxes = torch.randn(2, 3, 40, 40), torch.cat([torch.rand(2, 4, 2) / 2, torch.rand(2, 4, 2) / 2 + 0.5], 2)

def make(**parts):
    torch.manual_seed(0)
    return AHAN(config.AHAN(**SIZES, **parts)).eval()
"""

EXPORT = """
def graph(model):
    program = torch.export.export(model, (images, boxes), strict=False)
    torch.testing.assert_close(program.module()(images, boxes), model(images, boxes))
    return [str(node.format_node()) for node in program.graph.nodes]

paired = make()
paired.paired = paired.candidates
assert graph(paired) == graph(make(pair=None))
assert graph(paired) != graph(make(faam=None))
torch.export.export(paired, (images,), strict=False)  # canonical boxes
free = {0: torch.export.Dim.DYNAMIC}
program = torch.export.export(paired, (images, boxes), dynamic_shapes=(free, free), strict=False)
many, more = torch.randn(5, 3, 40, 40), boxes[:1].repeat(5, 1, 1)
torch.testing.assert_close(program.module()(many, more), paired(many, more))
"""

COMPILE = """
model = make()
whole = torch.compile(model, backend="eager", fullgraph=True)  # a graph break would be an error
with torch.no_grad():
    torch.testing.assert_close(whole(images, boxes), model(images, boxes))
    torch.testing.assert_close(whole(images), model(images))
model.train()
model.paired = (2,)
torch.compile(model, backend="eager", fullgraph=True)(images, boxes, torch.tensor([1, 0])).sum().backward()
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", [EXPORT, COMPILE], ids=["export", "compile"])
def test_one_graph_and_the_same_with_and_without_ta_pwca(what):
    done = subprocess.run([sys.executable, "-c", HEAD + what], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def test_bf16_is_near_fp32_forward_and_backward():
    torch.manual_seed(0)
    model = AHAN(config.AHAN(image_size=40, patch=8, width=32, depth=3, heads=2, embedding=16)).train()
    torch.nn.init.normal_(model.embed.weight, std=0.1)  # the added columns too
    model.paired = (2,)
    images, partner, found = torch.randn(6, 3, 40, 40), torch.tensor([1, 0, 3, 2, 5, 4]), []
    for enabled in (False, True):
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            e = torch.nn.functional.normalize(model(images, None, partner).float())
        (e @ torch.linspace(-1, 1, 16)).sum().backward()
        found.append((e.detach(), torch.cat([p.grad.flatten() for p in model.parameters()])))
    (exact, gradient), (rough, rough_gradient) = found
    assert (exact * rough).sum(1).min() > 0.995
    assert torch.isfinite(rough_gradient).all()
    assert torch.cosine_similarity(gradient, rough_gradient, dim=0) > 0.95
