"""Strict request bodies: the right media type, each field once, and no unknown field."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from twinlib.errors import InputError

if TYPE_CHECKING:
    from starlette.requests import Request

    Check = Callable[[Request], Awaitable[None]]

FORM, JSON = "multipart/form-data", "application/json"
KIND = 415  # status of a body of another kind


def form(once: Iterable[str], several: Iterable[str] = ()) -> "Check":
    """Returns a check that refuses a form with a repeated or unknown field.

    Args:
        once: fields that may come once.
        several: fields that may come any number of times.
    """
    from starlette.requests import Request  # FastAPI reads the annotation

    once, known = set(once), {*once, *several}

    async def check(request: Request) -> None:
        _refuse_query(request)
        _refuse_kind(request, FORM)
        counts = Counter(name for name, _ in (await request.form()).multi_items())
        if other := sorted(counts.keys() - known):
            raise InputError(f"{other[0][:60]}: no such field. Wanted {', '.join(sorted(known))}.")
        _refuse_twice(name for name in once if counts[name] > 1)

    return check


def as_json() -> "Check":
    """Returns a check that refuses JSON with a repeated key, of which parsers keep only the last."""
    from starlette.requests import Request

    async def check(request: Request) -> None:
        _refuse_query(request)
        _refuse_kind(request, JSON)
        json.loads(await request.body() or b"null", object_pairs_hook=_unique)

    return check


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    counts = Counter(name for name, _ in pairs)
    _refuse_twice(name for name, count in counts.items() if count > 1)
    return dict(pairs)


def _refuse_twice(names: Iterable[str]) -> None:
    if name := next(iter(sorted(names)), None):
        raise InputError(f"{name[:60]}: given more than once. Send it once.")


def _refuse_query(request: "Request") -> None:
    if name := next(iter(request.query_params), None):
        raise InputError(f"{name[:60]}: the query string is not read. Send it in the body.")


def _refuse_kind(request: "Request", wanted: str) -> None:
    """Refuse another media type, or another encoding of JSON's text than UTF-8."""
    from email.message import Message

    from starlette.exceptions import HTTPException

    told = Message()
    told["content-type"] = given = request.headers.get("content-type", "")
    found = told.get_content_type() if given else "none"
    charset = str(told.get_param("charset", "utf-8"))
    if found != wanted:
        raise HTTPException(KIND, f"content-type: wanted {wanted}, found {found[:60]}. Send the body as that")
    if wanted == JSON and charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise HTTPException(KIND, f"content-type: wanted UTF-8, found charset={charset[:60]}. Send UTF-8")
