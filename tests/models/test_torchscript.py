"""What test_onnx.py asks of both forms is not asked here again."""

import pytest
import torch

from twinlib.errors import InputError
from twinlib.models.network import Network
from twinlib.models.torchscript import export_torchscript


def test_a_torch_without_torchscript_is_named(tmp_path, monkeypatch):
    monkeypatch.delattr(torch.jit, "trace")
    with pytest.raises(InputError, match=r"has no TorchScript. Use --format onnx"):
        export_torchscript(Network(), tmp_path / "x.pt")
    assert not (tmp_path / "x.pt").exists()
