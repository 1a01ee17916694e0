import pytest

from twinlib.verify.web.docs_page import page

SCHEMA = {
    "info": {"title": "a <b>", "version": "1"},
    "paths": {
        "/x": {
            "post": {
                "summary": "Do & say",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}},
                "responses": {"200": {"description": "Well"}},
            },
            "get": {"responses": {"204": {}}},
        }
    },
    "components": {
        "schemas": {
            "Body": {
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "limit": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                    "more": {"type": "array", "items": {"$ref": "#/components/schemas/Other"}},
                },
                "required": ["file"],
            },
            "Other": {"type": "object", "title": "Other"},
        }
    },
}


@pytest.mark.parametrize(
    "part",
    [
        "a &lt;b&gt; 1",
        "POST /x",
        "Do &amp; say",
        "<td><code>file</code></td><td>file</td><td>yes</td>",
        "<td><code>limit</code></td><td>number or null</td><td>no</td>",
        "<td>array of Other</td>",
        "200 (Well)",
        "GET /x",
    ],
)
def test_routes_fields_and_answers_are_listed(part):
    assert part in page(SCHEMA)
