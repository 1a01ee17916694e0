import re
import time

import numpy as np
import pytest

from twinlib.cli import main
from twinlib.machine import benchmark as machine

onnx = pytest.importorskip("onnx")


def test_times_are_quantiles_of_calls_without_the_first_ones(monkeypatch):
    waits = iter([50, 50, 50, 1, 1, 1, 9])
    now = [0.0]

    def call():
        now[0] += next(waits)

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    found = machine.timed("torch", 8, call, 4)
    assert (found.p50, found.batch) == (1000, 8)
    assert found.p95 == pytest.approx(np.percentile([1, 1, 1, 9], 95) * 1e3)
    assert found.images_per_second == pytest.approx(8 * 4 / 12)


def network(tmp_path, shape=("N", 3, 4, 4), kind=onnx.TensorProto.FLOAT):
    h = onnx.helper
    weights = [onnx.numpy_helper.from_array(np.ones((4, 5), onnx.helper.tensor_dtype_to_np_dtype(kind)), "w")]
    inputs = [h.make_tensor_value_info("x", kind, shape)]
    outputs = [h.make_tensor_value_info("y", kind, None)]
    graph = h.make_graph([h.make_node("MatMul", ["x", "w"], ["y"])], "g", inputs, outputs, weights)
    file = tmp_path / "net.onnx"
    file.write_bytes(h.make_model(graph, opset_imports=[h.make_opsetid("", 18)], ir_version=9).SerializeToString())
    return str(file)


def said(capsys, *arguments):
    code = main.main(["benchmark", *arguments, "--rounds", "2"])
    return code, capsys.readouterr()


def test_an_onnx_file_is_timed_by_batch(tmp_path, capsys):
    code, out = said(capsys, network(tmp_path))
    assert code == 0
    assert "20 numbers stored as weights" in out.out
    assert [line.split()[1] for line in out.out.splitlines() if line.startswith("onnxruntime")] == ["1", "8", "32"]
    assert "memory:" in out.out


def test_a_fixed_batch_is_the_only_one(tmp_path, capsys):
    _, out = said(capsys, network(tmp_path, (2, 3, 4, 4)))
    assert [line.split()[1] for line in out.out.splitlines() if line.startswith("onnxruntime")] == ["2"]


def test_a_network_is_timed_under_both_engines(tmp_path, capsys):
    from twinlib import config
    from twinlib.config import MODELS
    from twinlib.train.stored.pretrained import save

    tiny = config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=16)
    net = MODELS.build(tiny)
    save(net, "mobilefacenet", tiny, tmp_path / "net")
    code, out = said(capsys, str(tmp_path / "net"))
    assert code == 0
    assert f"{sum(p.numel() for p in net.parameters()):,} parameters" in out.out
    assert [line.split()[0] for line in out.out.splitlines() if line[:4] in ("torc", "onnx")] == ["torch"] * 3 + [
        "onnxruntime"
    ] * 3


def test_operations_are_counted_for_one_image():
    """A linear layer of 12 by 5: sixty multiplications, sixty additions."""
    import torch

    from twinlib.models.network import Network
    from twinlib.models.preprocess import Preprocess

    class Flat(Network):
        preprocess, inputs = Preprocess(size=2), ("images",)

        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(12, 5)

        def forward(self, images):
            return self.linear(images.flatten(1))

    assert machine.operations(Flat()) == 2 * 12 * 5


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda folder: str(folder / "none.onnx"), r"none\.onnx does not exist"),
        (lambda folder: network(folder, ("N", 3, "h", 4)), "fixed sides"),
        (lambda folder: network(folder, kind=onnx.TensorProto.DOUBLE), "double"),
        (
            lambda folder: str((folder / "bad.onnx").write_bytes(b"x") and folder / "bad.onnx"),
            r"bad\.onnx is no ONNX file",
        ),
        (lambda folder: str(folder / "none"), "does not exist"),
    ],
)
def test_what_cannot_be_timed_is_named(tmp_path, capsys, make, match):
    code, out = said(capsys, make(tmp_path))
    assert code == 2
    assert re.search(match, out.err)
