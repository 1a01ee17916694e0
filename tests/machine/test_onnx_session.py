import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.faces.detect.weights import SFACE, shipped
from twinlib.machine.onnx_session import onnx_session
from twinlib.verify.recognise.sface import SFace

pytest.importorskip("onnxruntime")


def test_a_network_says_what_it_says_elsewhere(tmp_path):
    (tmp_path / "sface.onnx").write_bytes(shipped(SFACE))
    crop = np.random.default_rng(0).integers(0, 256, (1, 112, 112, 3), np.uint8)
    [e] = onnx_session(tmp_path / "sface.onnx").run(None, {"data": crop.transpose(0, 3, 1, 2).astype(np.float32)})
    np.testing.assert_allclose(e / np.linalg.norm(e), SFace().embed(crop), atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07"])
def test_what_is_no_onnx_is_named_in_one_line(tmp_path, content):
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(InputError, match=r"net\.onnx is no ONNX file that onnxruntime can run") as told:
        onnx_session(tmp_path / "net.onnx")
    assert "\n" not in str(told.value)
    with pytest.raises(InputError, match=r"none\.onnx does not exist"):
        onnx_session(tmp_path / "none.onnx")
