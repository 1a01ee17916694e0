"""The renderer's two heavy packages, imported in one place."""

from importlib.util import find_spec

from twinlib.errors import InputError


def require_renderer() -> None:
    """Check that numba and OpenCV can be imported, without importing them.

    Raises:
        InputError: if one is missing; the message names the extra that brings both.
    """
    missing = [name for name, module in (("numba", "numba"), ("opencv", "cv2")) if find_spec(module) is None]
    if missing:
        raise InputError(
            f"rendering needs {' and '.join(missing)}, not installed here. Run: pip install 'twinlib[synth]'"
        )
