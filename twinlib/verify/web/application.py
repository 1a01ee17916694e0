"""The routes of the service."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, runtime_checkable

from twinlib.errors import InputError
from twinlib.ranges import DISTANCE, Positive, Settings, Whole, threshold_on
from twinlib.verify.web import strict, uploads
from twinlib.verify.web.counters import Counters
from twinlib.verify.web.docs_page import page
from twinlib.verify.web.guard import Guard
from twinlib.verify.web.try_page import PAGE
from twinlib.verify.web.uploads import MAX_IMAGE, MAX_PAIRS, decoded, sized
from twinlib.verify.web.workers import BusyError, Workers
from twinlib.version import __version__

if TYPE_CHECKING:
    from fastapi import FastAPI

    from twinlib.verify.answer import Embedded

T = TypeVar("T")
PAIR = ("image_a", "image_b")
LATER_S = 1  # after which a caller may try again


@runtime_checkable
class Verifies(Protocol):
    """What the service needs of a verifier."""

    def verify(
        self, a: bytes, b: bytes, threshold: float | None = None, names: tuple[str, str] = ("a", "b")
    ) -> dict[str, object]:
        """See `TwinVerifier.verify`."""

    def embedded(self, named: list[tuple[str, bytes]]) -> "list[Embedded]":
        """See `TwinVerifier.embedded`."""


@dataclass(frozen=True)
class Limits(Settings):
    """Limits of one service.

    Attributes:
        waiting: requests that may wait while all workers are busy; more are answered with 429.
        seconds: after which a request is answered with 503.
        token: that callers must send; none if empty.
    """

    waiting: Whole = 32
    seconds: Positive = 30.0
    token: str = ""


def application(verifiers: Sequence[Verifies], info: dict[str, object], limits: Limits | None = None) -> "FastAPI":
    """POST /verify, /verify_base64, /batch_verify, /embed; GET /, /docs, /health, /ready, /model_info, /metrics.

    Args:
        verifiers: one for each request that is processed at the same time.
        info: what /model_info says.
        limits: see there.
    """
    from fastapi import Depends, FastAPI, File, Form, Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
    from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
    from starlette.exceptions import HTTPException
    from starlette.formparsers import MultiPartParser

    class Problem(BaseModel):
        """Why there is no answer."""

        error: str

    class Pair(BaseModel):
        """Two images in base64, and possibly the largest distance accepted."""

        model_config = ConfigDict(extra="forbid")
        image_a: str = Field(max_length=2 * MAX_IMAGE, examples=["iVBORw0KGgo…"])
        image_b: str = Field(max_length=2 * MAX_IMAGE, examples=["data:image/jpeg;base64,_9j_4AAQ…"])
        # before: true would become 1.0
        threshold: Annotated[float | None, BeforeValidator(_threshold)] = Field(default=None, examples=[0.6])

    class Pairs(BaseModel):
        """Several pairs."""

        model_config = ConfigDict(extra="forbid")
        pairs: list[Pair] = Field(min_length=1, max_length=MAX_PAIRS)

    limits = limits or Limits()
    workers = Workers(verifiers, limits.waiting)
    counters = Counters(lambda: workers.held, lambda: workers.most)
    MultiPartParser.spool_max_size = uploads.MAX_BODY  # or uploads above 1 MB would pass through a file

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncGenerator[None]:
        nonlocal workers
        workers = Workers(verifiers, limits.waiting)  # anew: an application may be started again
        yield
        await asyncio.to_thread(workers.close)

    codes = {
        400: "a body that cannot be parsed",
        401: "no token",
        413: "too large",
        strict.KIND: "a body of another kind",
        422: "what is wrong, by field",
        429: "the queue is full",
        503: "too late",
    }
    told: dict[int | str, dict[str, Any]] = {
        code: {"model": Problem, "description": text} for code, text in codes.items()
    }
    # both of FastAPI's own pages load from elsewhere
    app = FastAPI(title="twinlib", version=__version__, docs_url=None, redoc_url=None, lifespan=living)
    app.middleware("http")(Guard(limits.token, counters))

    @app.exception_handler(InputError)
    def refuse(_: Request, error: InputError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    @app.exception_handler(RequestValidationError)
    def refuse_fields(_: Request, error: RequestValidationError) -> JSONResponse:
        """Each wrong field by its name; FastAPI's own answer repeats the input, and NaN in it is a server error."""
        wrong = [_fault(one["loc"][1:], one["msg"].removeprefix("Value error, ")) for one in error.errors()]
        return JSONResponse({"error": "; ".join(wrong)}, status_code=422)

    @app.exception_handler(HTTPException)
    def refuse_otherwise(_: Request, error: HTTPException) -> JSONResponse:
        """No such route, another method, a body that cannot be parsed: in the form of all other refusals."""
        return JSONResponse({"error": f"{str(error.detail).rstrip('.')}."}, error.status_code, error.headers)

    @app.exception_handler(BusyError)
    def refuse_more(_: Request, error: BusyError) -> JSONResponse:
        later = {"retry-after": str(LATER_S)}
        if workers.open:
            return JSONResponse({"error": "all workers are busy and the queue is full."}, 429, later)
        return JSONResponse({"error": "the service is shutting down."}, 503, later)

    @app.exception_handler(TimeoutError)
    def refuse_late(_: Request, error: TimeoutError) -> JSONResponse:
        said = {"error": f"no answer within {limits.seconds:g} s."}
        return JSONResponse(said, 503, {"retry-after": str(LATER_S)})

    async def asked(work: Callable[[Verifies], T]) -> T:
        """A worker's result; work that nobody is waiting for any more is not started."""
        future = workers.submit(work)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), limits.seconds)
        finally:
            future.cancel()

    @app.get("/health")
    async def health() -> dict[str, object]:
        """Whether it is running."""
        return {"status": "ok", "version": __version__}

    @app.get("/ready", responses={503: told[503]})
    async def ready() -> JSONResponse:
        """Whether one more request would be taken now."""
        return JSONResponse({"ready": workers.ready, "held": workers.held}, 200 if workers.ready else 503)

    @app.get("/model_info", responses={401: told[401]})
    async def model_info() -> dict[str, object]:
        """Network, input, alignment, calibration."""
        return info

    @app.get("/metrics", responses={401: told[401]})
    async def metrics() -> PlainTextResponse:
        """Counts in Prometheus' text format."""
        text, kind = counters.text()
        return PlainTextResponse(text, media_type=kind)

    @app.get("/", include_in_schema=False)
    async def form() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    @app.post("/verify", responses=told, dependencies=[Depends(strict.form((*PAIR, "threshold")))])
    async def verify(
        image_a: bytes = File(), image_b: bytes = File(), threshold: float | None = Form(default=None)
    ) -> dict[str, object]:
        """Do two photographs show one person? A distance of at most the threshold is accepted."""
        limit, pair = _threshold(threshold), (sized(image_a, PAIR[0]), sized(image_b, PAIR[1]))
        return await asked(lambda verifier: verifier.verify(*pair, limit, PAIR))

    @app.post("/verify_base64", responses=told, dependencies=[Depends(strict.as_json())])
    async def verify_base64(pair: Pair) -> dict[str, object]:
        """The same from base64."""
        return await asked(lambda verifier: _verified(verifier, pair))

    @app.post("/batch_verify", responses=told, dependencies=[Depends(strict.as_json())])
    async def batch_verify(pairs: Pairs) -> dict[str, object]:
        """Several pairs; a bad image does not end the batch."""
        return {"results": await asked(lambda verifier: [_or_error(verifier, pair) for pair in pairs.pairs])}

    @app.post("/embed", responses=told, dependencies=[Depends(strict.form((), ["images"]))])
    async def embed(images: Annotated[list[bytes], File()]) -> dict[str, object]:
        """Embeddings of photographs, of unit length, embedded together."""
        if len(images) > MAX_PAIRS:
            raise InputError(f"images: wanted at most {MAX_PAIRS}, found {len(images)}. Send them in parts.")
        named = [(name := f"images.{i}", sized(one, name)) for i, one in enumerate(images)]
        found = await asked(lambda verifier: verifier.embedded(named))
        return {"embeddings": [one.vector.tolist() for one in found]}

    return app


def _verified(verifier: Verifies, pair: Any) -> dict[str, object]:
    a, b = (decoded(getattr(pair, name), name) for name in PAIR)
    return verifier.verify(a, b, pair.threshold, PAIR)


def _or_error(verifier: Verifies, pair: object) -> dict[str, object]:
    try:
        return _verified(verifier, pair)
    except InputError as error:
        return {"error": str(error)}


def _fault(place: Sequence[object], said: str) -> str:
    """What is wrong with a field, by its name, which some messages begin with already."""
    name = ".".join(map(str, place)) if place and isinstance(place[0], str) else "body"  # or a place in broken JSON
    return said if said.startswith(f"{name} ") else f"{name}: {said}"


def _threshold(value: object) -> float | None:
    """A threshold of a request, checked before any image is looked at."""
    return None if value is None else threshold_on(DISTANCE, value)
