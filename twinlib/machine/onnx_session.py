"""An ONNX file in onnxruntime, or one sentence about why it is none."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from twinlib.errors import InputError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def failures() -> tuple[type[Exception], ...]:
    """What onnxruntime raises for a file or an input that it cannot take."""
    state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")  # compiled: a type checker cannot see inside
    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented", "RuntimeException")
    return tuple(getattr(state, name) for name in names)


def onnx_session(file: Path, threads: int = 1) -> "InferenceSession":
    """A session on the CPU; constants that are stored in eight bits are unpacked once.

    Args:
        file: ONNX.
        threads: cores that a call computes on.

    Raises:
        InputError: onnxruntime is missing, no such file, or none that it can run.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError("an ONNX file needs onnxruntime. Install it with: pip install onnxruntime.") from error

    if not file.is_file():
        raise InputError(f"{file} does not exist. Name an ONNX file.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 4
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except failures() as error:
        why = str(error).splitlines()[0][:200]
        raise InputError(f"{file} is no ONNX file that onnxruntime can run ({why}). Export it again.") from error
