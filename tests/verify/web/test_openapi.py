"""Requests made from the service's own description, sensible ones and others: none may end in a server error."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from twinlib.errors import InputError
from twinlib.verify.answer import Embedded
from twinlib.verify.web import application as web

schemathesis = pytest.importorskip("schemathesis")
pytest.importorskip("fastapi")


class Stub:
    """Every other photograph is none."""

    def verify(self, a, b, threshold=None, names=("a", "b")):
        if len(a) % 2:
            raise InputError(f"{names[0]} is not an image.")
        return {"verified": a == b}

    def embedded(self, named):
        return [Embedded(np.ones(2), None, "") for _ in named]


APP = web.application([Stub()], {"model": "Stub"})
SCHEMA = schemathesis.openapi.from_dict(APP.openapi())
SCHEMA.app = APP


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_is_a_server_error(case):
    answer = case.call()
    assert answer.status_code < 500
    assert answer.status_code in {200, 401, 413, 415, 422, 404, 405, 400}
    assert answer.headers["x-request-id"]


def test_the_description_has_every_route_with_its_answers_and_examples():
    told = APP.openapi()
    posts = {path for path, methods in told["paths"].items() if "post" in methods}
    assert posts == {"/verify", "/verify_base64", "/batch_verify", "/embed"}
    assert set(told["paths"]) - posts == {"/health", "/ready", "/model_info", "/metrics"}
    for path in posts:
        assert {"200", "401", "413", "422", "429", "503"} <= set(told["paths"][path]["post"]["responses"])
    assert all("examples" in field for field in told["components"]["schemas"]["Pair"]["properties"].values())
