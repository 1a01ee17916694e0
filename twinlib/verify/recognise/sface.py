"""SFace, the face recogniser of OpenCV Zoo that ships: aligned crops to embeddings with onnxruntime."""

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.errors import InputError
from twinlib.faces.detect.weights import SFACE, shipped

SIZE, LENGTH = 112, 128
MISSING = "the recogniser that ships needs onnxruntime. Install it with: pip install onnxruntime."


class SFace:
    """The network on one core; safe to call from several threads at once.

    Its weights are stored in 8 bits. DequantizeLinear nodes of constants are computed once while it loads, which needs
    the fusion of quantised operators to be off; the output then differs by 2e-6 from the unfolded one, in 60 % of the
    time.

    Source: Zhong et al., SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition, 2021.

    Raises:
        InputError: onnxruntime is missing, or the shipped file is damaged.
    """

    def __init__(self) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise InputError(MISSING) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # it warns of constants that nobody uses
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(shipped(SFACE), options, providers=["CPUExecutionProvider"])

    def embed(self, crops: UInt8[np.ndarray, "N 112 112 3"]) -> Float[np.ndarray, "N 128"]:
        """Embeddings of unit length, float32.

        Args:
            crops: aligned, RGB; passed as 0 … 255, one at a time, as the file has it.
        """
        x = np.ascontiguousarray(crops.transpose(0, 3, 1, 2), np.float32)
        raw = [np.asarray(self._session.run(None, {"data": one[None]})[0])[0] for one in x]
        e = np.array(raw, np.float64).reshape(-1, LENGTH)
        return (e / np.linalg.norm(e, axis=1, keepdims=True)).astype(np.float32)
