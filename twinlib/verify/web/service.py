"""Verification over HTTP. Listens on this machine alone unless told otherwise, and keeps no image, not even on disk."""

import base64
import binascii
import os
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Protocol, runtime_checkable
from urllib.parse import unquote

from twinlib.errors import InputError
from twinlib.measure.thresholds import DISTANCE, threshold_on
from twinlib.ranges import Port
from twinlib.verify.web.docs_page import page
from twinlib.version import __version__

if TYPE_CHECKING:
    from fastapi import FastAPI

MAX_IMAGE = 20_000_000  # bytes of one encoded image
MAX_BODY = 3 * MAX_IMAGE  # bytes of a request: two images in base64, or a batch of smaller ones
MAX_PAIRS = 64  # of a batch


@runtime_checkable
class Verifies(Protocol):
    """What the service needs of a verifier."""

    def verify(
        self, a: bytes, b: bytes, threshold: float | None = None, names: tuple[str, str] = ("a", "b")
    ) -> dict[str, object]:
        """See `TwinVerifier.verify`."""


def application(verifier: Verifies, info: dict[str, object]) -> "FastAPI":
    """The service: POST /verify, /verify_base64, /batch_verify, GET /health, /model_info, /docs.

    Requests are answered one after the other: the detector is not made for several threads.

    Args:
        verifier: answers.
        info: what /model_info says.
    """
    from fastapi import FastAPI, File, Form, Request, Response
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import HTMLResponse, JSONResponse
    from pydantic import BaseModel, BeforeValidator, Field
    from starlette.formparsers import MultiPartParser

    class Pair(BaseModel):
        """Two images in base64, and possibly the largest distance accepted."""

        image_a: str = Field(max_length=2 * MAX_IMAGE)
        image_b: str = Field(max_length=2 * MAX_IMAGE)
        threshold: Annotated[float | None, BeforeValidator(_threshold)] = None  # before: true would become 1.0

    class Pairs(BaseModel):
        """Several pairs."""

        pairs: list[Pair] = Field(min_length=1, max_length=MAX_PAIRS)

    MultiPartParser.spool_max_size = MAX_BODY  # or uploads above 1 MB would pass through a file
    app = FastAPI(title="twinlib", version=__version__, docs_url=None, redoc_url=None)  # both load from elsewhere
    answer = _one_by_one(verifier)

    @app.exception_handler(InputError)
    def refuse(_: Request, error: InputError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    @app.exception_handler(RequestValidationError)
    def refuse_fields(_: Request, error: RequestValidationError) -> JSONResponse:
        """Each wrong field by its name; FastAPI's own answer repeats the input, and NaN in it is a server error."""
        wrong = [f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"error": "; ".join(wrong)}, status_code=422)

    @app.get("/health")
    def health() -> dict[str, object]:
        return {"status": "ok", "version": __version__}

    @app.get("/model_info")
    def model_info() -> dict[str, object]:
        return info

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    @app.middleware("http")
    async def refuse_large(request: Request, call_next: Callable) -> Response:
        length = request.headers.get("content-length", "0" if request.method == "GET" else "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return JSONResponse({"error": f"wanted a body of known length, at most {MAX_BODY} bytes."}, status_code=413)
        return await call_next(request)

    @app.post("/verify")
    def verify(
        image_a: bytes = File(),
        image_b: bytes = File(),
        threshold: float | None = Form(default=None),
    ) -> dict[str, object]:
        return answer(_sized(image_a, "image_a"), _sized(image_b, "image_b"), _threshold(threshold))

    @app.post("/verify_base64")
    def verify_base64(pair: Pair) -> dict[str, object]:
        return answer(_decoded(pair.image_a, "image_a"), _decoded(pair.image_b, "image_b"), pair.threshold)

    @app.post("/batch_verify")
    def batch_verify(pairs: Pairs) -> dict[str, object]:
        return {"results": [_or_error(verify_base64, pair) for pair in pairs.pairs]}

    return app


def serve(weights: str | None = None, host: str = "127.0.0.1", port: Port = 8000, align: str = "landmarks") -> None:
    """Answer verification requests over HTTP until stopped; only from this machine, unless host says otherwise.

    Args:
        weights: folder with model.safetensors and config.json, safetensors file, id of a run, bundled or hub model; the
            variable TWINLIB_MODEL if not given, and the pair that ships (YuNet and SFace) without that.
        host: address to listen on.
        port: likewise.
        align: landmarks or none; a calibration.json made with another --align is refused.
    """
    weights = weights or os.environ.get("TWINLIB_MODEL") or None
    try:
        import fastapi  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise InputError(
            "the service needs fastapi and uvicorn. Install them: pip install 'twinlib[serve]'."
        ) from error
    from twinlib.verify.calibrated import refuse_other_crops
    from twinlib.verify.verifier import TwinVerifier

    with TwinVerifier.from_pretrained(weights, align=align) as verifier:
        if verifier.calibration is not None:
            refuse_other_crops(verifier.calibration, align)
        uvicorn.run(application(verifier, described(verifier)), host=host, port=port, log_level="info")


def described(verifier: object) -> dict[str, object]:
    """Network, input and calibration of a verifier, for /model_info."""
    from dataclasses import asdict

    known = verifier.calibration  # type: ignore[attr-defined]
    recogniser = verifier.recogniser  # type: ignore[attr-defined]
    return {
        **recogniser.described(),
        "align": recogniser.align,
        "weights_sha256": recogniser.weights,
        "calibration": None if known is None else asdict(known),
        "version": __version__,
    }


def _one_by_one(verifier: Verifies) -> Callable[[bytes, bytes, float | None], dict[str, object]]:
    lock = Lock()

    def answer(a: bytes, b: bytes, threshold: float | None) -> dict[str, object]:
        with lock:
            return verifier.verify(a, b, threshold, ("image_a", "image_b"))

    return answer


def _or_error(verify: Callable, pair: object) -> dict[str, object]:
    """The answer for one pair of a batch; a bad image does not end the batch."""
    try:
        return verify(pair)
    except InputError as error:
        return {"error": str(error)}


def _threshold(value: object) -> float | None:
    """A threshold of a request, checked before any image is looked at."""
    return None if value is None else threshold_on(DISTANCE, value)


def _decoded(text: str, name: str) -> bytes:
    """Bytes of base64 in any spelling: plain or url-safe, padded or not, in lines, as a data URI."""
    head, comma, body = text.strip().partition(",")
    if head.startswith("data:"):
        if not comma or not head.endswith(";base64"):
            raise InputError(f"{name}: wanted a data URI in base64 (data:…;base64,…). Encode the image in base64.")
        text = unquote(body)
    plain = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        stored = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{name}: wanted an image in base64 ({error}). Encode the bytes of the image file.") from error
    return _sized(stored, name)


def _sized(stored: bytes, name: str) -> bytes:
    if not 0 < len(stored) <= MAX_IMAGE:
        raise InputError(f"{name}: wanted 1 to {MAX_IMAGE} bytes, found {min(len(stored), MAX_IMAGE + 1)}.")
    return stored
