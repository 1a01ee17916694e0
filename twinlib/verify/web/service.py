"""Verification over HTTP. Listens only on this machine by default, and keeps no image, not even on disk."""

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from twinlib.errors import InputError
from twinlib.ranges import Count, Port, Positive, Whole
from twinlib.version import __version__

if TYPE_CHECKING:
    from twinlib.verify.verifier import TwinVerifier


TOKEN = "TWINLIB_TOKEN"


def serve(
    weights: str | None = None,
    host: str = "127.0.0.1",
    port: Port = 8000,
    align: str = "landmarks",
    workers: Count | None = None,
    waiting: Whole = 32,
    seconds: Positive = 30.0,
) -> None:
    """Answer verification requests over HTTP until stopped; by default only from this machine.

    If the variable TWINLIB_TOKEN is set, callers must send it as `Authorization: Bearer …`. On SIGTERM, accepted
    requests are finished.

    Args:
        weights: folder with model.safetensors and config.json, safetensors file, id of a run, bundled or hub model; the
            variable TWINLIB_MODEL if not given, and the pair that ships (YuNet and SFace) without that.
        host: address to listen on.
        port: likewise.
        align: landmarks or none; a calibration.json made with another --align is refused.
        workers: requests processed at the same time; by default one per core, or one for a network of your own.
        waiting: requests that may wait; more are answered with 429.
        seconds: after which a request is answered with 503.
    """
    weights = weights or os.environ.get("TWINLIB_MODEL") or None
    try:
        import fastapi  # noqa: F401
        import prometheus_client  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise InputError(
            "the service needs fastapi, uvicorn and prometheus-client. Install them: pip install 'twinlib[serve]'."
        ) from error
    from twinlib.verify.calibrated import refuse_other_crops
    from twinlib.verify.verifier import TwinVerifier
    from twinlib.verify.web.application import Limits, application

    limits = Limits(waiting, seconds, os.environ.get(TOKEN, ""))
    count = workers or (len(os.sched_getaffinity(0)) if weights is None else 1)
    if weights is None:
        import cv2

        cv2.setNumThreads(1)  # a worker is a core
    with ExitStack() as stack:
        made = [stack.enter_context(TwinVerifier.from_pretrained(weights, align=align)) for _ in range(count)]
        if made[0].calibration is not None:
            refuse_other_crops(made[0].calibration, align)
        app = application(made, described(made[0]), limits)
        grace = int(seconds) + 5
        uvicorn.run(app, host=host, port=port, log_level="info", timeout_graceful_shutdown=grace)


def described(verifier: "TwinVerifier") -> dict[str, object]:
    """Network, input and calibration of a verifier, for /model_info."""
    from dataclasses import asdict

    known = verifier.calibration
    recogniser = verifier.recogniser
    return {
        **recogniser.described(),
        "align": recogniser.align,
        "weights_sha256": recogniser.weights,
        "calibration": None if known is None else asdict(known),
        "version": __version__,
    }
