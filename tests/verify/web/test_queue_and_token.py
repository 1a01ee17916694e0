"""The application under more requests than it takes, and what every request passes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from service_stub import Stub

from twinlib.verify.web import application as web

testclient = pytest.importorskip("fastapi.testclient")


class Slow(Stub):
    """Answers when it may."""

    def __init__(self):
        self.begun, self.may = threading.Semaphore(0), threading.Event()

    def verify(self, a, b, threshold=None, names=("a", "b")):
        self.begun.release()
        assert self.may.wait(30)
        return super().verify(a, b, threshold, names)


SENT = {"files": {"image_a": b"x", "image_b": b"x"}}


def test_a_full_queue_is_told_and_what_was_taken_is_answered():
    slow = [Slow(), Slow()]
    with (
        testclient.TestClient(web.application(slow, {}, web.Limits(waiting=1))) as client,
        ThreadPoolExecutor(3) as pool,
    ):
        assert client.get("/ready").json() == {"ready": True, "held": 0}
        taken = [pool.submit(client.post, "/verify", **SENT) for _ in range(3)]
        for one in slow:
            assert one.begun.acquire(timeout=30)
        while client.get("/ready").json()["held"] < 3:
            time.sleep(0.01)
        answer = client.post("/verify", **SENT)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert "queue is full" in answer.json()["error"]
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
        for one in slow:
            one.may.set()
        assert [one.result().status_code for one in taken] == [200] * 3
        assert client.get("/ready").json() == {"ready": True, "held": 0}


def test_a_late_answer_is_told_and_what_nobody_waits_for_is_not_begun():
    slow = Slow()
    limits = web.Limits(waiting=5, seconds=0.2)
    with testclient.TestClient(web.application([slow], {}, limits)) as client:
        answers = [client.post("/verify", **SENT) for _ in range(2)]
        assert [one.status_code for one in answers] == [503, 503]
        assert answers[0].json() == {"error": "no answer within 0.2 s."}
        assert answers[0].headers["retry-after"] == "1"
        slow.may.set()
    assert slow.begun.acquire(timeout=5)
    assert not slow.begun.acquire(blocking=False)


def test_the_token_is_wanted_where_photographs_go():
    limits = web.Limits(token="tök en")
    with testclient.TestClient(web.application([Stub()], {}, limits)) as client:
        assert client.post("/verify", **SENT).status_code == 401
        assert client.get("/metrics").headers["www-authenticate"] == "Bearer"
        assert client.get("/health").status_code == client.get("/ready").status_code == 200
        right = {"authorization": "Bearer tök en".encode()}
        assert client.post("/verify", **SENT, headers=right).status_code == 200
        for wrong in ("Bearer tök e", "Bearer", "Basic tök en", "tök en", "Bearer tök en x"):
            assert client.post("/verify", **SENT, headers={"authorization": wrong.encode()}).status_code == 401


def test_requests_are_counted_by_route_and_have_an_id():
    client = testclient.TestClient(web.application([Stub()], {}))
    given = client.post("/verify", **SENT, headers={"x-request-id": "mine-1"})
    assert given.headers["x-request-id"] == "mine-1"
    made = [client.get("/nothing/here").headers["x-request-id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert client.get("/health", headers={"x-request-id": "a b<script>"}).headers["x-request-id"] != "a b<script>"
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    assert 'twinlib_requests_total{code="200",route="/verify"} 1.0' in told.text
    assert 'twinlib_requests_total{code="404",route="other"} 2.0' in told.text
    assert "twinlib_held 0.0" in told.text
