"""What every request goes through: an id, the token, a limit on its body, the counters."""

import hmac
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from twinlib.verify.web import uploads
from twinlib.verify.web.counters import Counters

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    Next = Callable[[Request], Awaitable[Response]]

ID = "x-request-id"
OPEN = ("/", "/health", "/ready", "/docs", "/openapi.json")  # without a token: they show nothing of anybody


class Guard:
    """The middleware of the service.

    Args:
        token: that callers must send as `Authorization: Bearer …`; not needed if empty.
        counters: where requests are counted.
    """

    def __init__(self, token: str, counters: Counters) -> None:
        self.token, self.counters = token.encode(), counters

    async def __call__(self, request: "Request", call_next: "Next") -> "Response":
        """Answer, with the id of the request in a header; the caller's own id if it is a plain word."""
        began, given = time.perf_counter(), request.headers.get(ID, "")
        name = given if re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII) else uuid.uuid4().hex
        answer = self.refused(request) or await call_next(request)
        answer.headers[ID] = name
        route = request.scope.get("route")
        self.counters.count(getattr(route, "path", "other"), answer.status_code, time.perf_counter() - began)
        return answer

    def refused(self, request: "Request") -> "Response | None":
        """The answer to a request that is not read any further."""
        from starlette.responses import JSONResponse

        if self.token and request.url.path not in OPEN and not self.allowed(request.headers.get("authorization", "")):
            error = {"error": "wanted the header Authorization: Bearer with the token of this service."}
            return JSONResponse(error, 401, {"www-authenticate": "Bearer"})
        bare = request.method in ("GET", "HEAD", "OPTIONS")
        length = request.headers.get("content-length", "0" if bare else "")
        if not (length.isascii() and length.isdecimal()) or int(length) > uploads.MAX_BODY:
            error = {"error": f"wanted a body of known length, at most {uploads.MAX_BODY} bytes."}
            return JSONResponse(error, 413)
        return None

    def allowed(self, header: str) -> bool:
        """Whether a header holds the token; the time this takes reveals nothing about it."""
        kind, _, given = header.partition(" ")  # whose bytes Starlette has read as Latin-1
        return hmac.compare_digest(given.strip().encode("latin-1", "replace"), self.token) and kind.lower() == "bearer"
