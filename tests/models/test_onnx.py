"""Every network as ONNX and as TorchScript, in one process without the type checks of the tests: they break graphs."""

import importlib.util
import json
import subprocess
import sys

import pytest

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.network import Network
from twinlib.models.onnx import examples, export_onnx

EVERY = """
import json, sys, torch
from pathlib import Path
from small_networks import SMALL
from twinlib import config
from twinlib.models.onnx import difference, examples, export_onnx
from twinlib.models.torchscript import export_torchscript, script_difference

FORMS = {"onnx": (export_onnx, difference), "torchscript": (export_torchscript, script_difference)}
found = {}
for name, cfg in SMALL.items():
    torch.manual_seed(0)
    net = config.MODELS.build(cfg)
    for module in net.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = None  # a mean: one batch gives the statistics, without which the images are all one to it
    net.train()(*examples(net, 8).values())
    for form, (export, differs) in FORMS.items():
        path = Path(sys.argv[1], f"{name}.{form}")
        try:
            export(net, path)
            found[f"{name} {form}"] = differs(net, path)
        except Exception as error:
            found[f"{name} {form}"] = f"{type(error).__name__}: {error}"[:500]
Path(sys.argv[1], "found.json").write_text(json.dumps(found))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory, pytestconfig):
    folder = tmp_path_factory.mktemp("onnx")
    tests = str(pytestconfig.rootpath / "tests")
    code = f"import sys; sys.path.insert(0, {tests!r})\n{EVERY}"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "found.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["onnx", "torchscript"])
@pytest.mark.parametrize("name", config.MODELS)
def test_the_file_says_the_same_for_another_number_of_images(exported, name, form):
    assert exported[f"{name} {form}"] == pytest.approx(0, abs=1e-4)


def test_examples_are_what_each_network_takes():
    narrow = config.MODELS.build(config.MobileFaceNet(width=8, blocks=(1, 1, 1), narrow=True))
    assert [tuple(x.shape) for x in examples(narrow, 5).values()] == [(5, 3, 112, 96)]
    ahan = config.MODELS.build(config.AHAN(image_size=32, patch=8, width=16, depth=2, heads=2, embedding=8))
    assert {name: tuple(x.shape) for name, x in examples(ahan, 2).items()} == {
        "images": (2, 3, 32, 32),
        "boxes": (2, 4, 4),
    }


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'export needs onnx and onnxscript: pip install "twinlib\[onnx\]"'):
        export_onnx(Network(), tmp_path / "x.onnx")
    assert not (tmp_path / "x.onnx").exists()
