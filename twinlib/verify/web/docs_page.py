"""The page at /docs: routes, fields and answers, made from the service's own OpenAPI description; it loads nothing."""

from collections.abc import Iterator
from html import escape

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
code {{ font-family: ui-monospace, monospace; }}
table {{ border-collapse: collapse; }} th, td {{ text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }}
section {{ border-top: 1px solid; margin-top: 1.5rem; }}
</style></head><body>
<h1>{title} {version}</h1>
<p>Machine-readable: <a href="openapi.json">openapi.json</a>. <a href="./">Try a pair</a>.</p>
{routes}
</body></html>
"""


def page(schema: dict) -> str:
    """The page as HTML.

    Args:
        schema: OpenAPI description of the application.
    """
    info = {name: escape(str(schema["info"][name])) for name in ("title", "version")}
    routes = [
        _route(schema, path, method, route)
        for path, methods in schema["paths"].items()
        for method, route in methods.items()
    ]
    return PAGE.format(**info, routes="\n".join(routes))


def _route(schema: dict, path: str, method: str, route: dict) -> str:
    text = escape(route.get("description") or route.get("summary") or "")
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}</td><td>{'yes' if needed else 'no'}</td></tr>"
        for name, kind, needed in _fields(schema, route)
    )
    table = f"<table><tr><th>field</th><th>kind</th><th>needed</th></tr>{rows}</table>" if rows else ""
    answers = ", ".join(f"{code} ({escape(one.get('description', ''))})" for code, one in route["responses"].items())
    head = f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    return f"<section>{head}<p>{text}</p>{table}<p>Answers: {answers}.</p></section>"


def _fields(schema: dict, route: dict) -> Iterator[tuple[str, str, bool]]:
    """Name, kind and whether it is needed, of every field of a request's body."""
    for media in route.get("requestBody", {}).get("content", {}).values():
        body = _resolved(schema, media["schema"])
        for name, field in body.get("properties", {}).items():
            yield name, _kind(schema, field), name in body.get("required", ())


def _kind(schema: dict, field: dict) -> str:
    field = _resolved(schema, field)
    if "anyOf" in field:
        return " or ".join(_kind(schema, one) for one in field["anyOf"])
    if field.get("contentMediaType") or field.get("format") == "binary":
        return "file"
    inner = f" of {_kind(schema, field['items'])}" if "items" in field else ""
    return (
        f"{field.get('title') or field.get('type', 'any')}{inner}"
        if field.get("type") == "object"
        else (f"{field.get('type', 'any')}{inner}")
    )


def _resolved(schema: dict, field: dict) -> dict:
    """What a reference refers to."""
    return schema["components"]["schemas"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field
