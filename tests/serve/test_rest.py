import base64
import inspect
import tempfile

import pytest

from twinlib.errors import InputError
from twinlib.serve import rest

testclient = pytest.importorskip("fastapi.testclient")


class Stub:
    """Same bytes, same person; the word `bad` is no image."""

    def verify(self, a, b, threshold=None):
        if b"bad" in (a, b):
            raise InputError("image 0 is not an image.")
        return {"verified": a == b, "threshold": threshold, "sizes": [len(a), len(b)]}


@pytest.fixture
def client():
    with testclient.TestClient(rest.application(Stub(), {"model": "Stub"})) as made:
        yield made


def coded(stored):
    return base64.b64encode(stored).decode()


def test_health_and_model(client):
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/model_info").json() == {"model": "Stub"}


def test_uploads_and_base64_give_the_same_answer(client):
    by_file = client.post("/verify", files={"image_a": b"one", "image_b": b"two"}, data={"threshold": "0.4"}).json()
    pair = {"image_a": coded(b"one"), "image_b": "data:image/png;base64," + coded(b"two"), "threshold": 0.4}
    assert by_file == client.post("/verify_base64", json=pair).json()
    assert by_file == {"verified": False, "threshold": 0.4, "sizes": [3, 3]}


def test_a_bad_image_does_not_end_a_batch(client):
    pairs = [{"image_a": coded(b"one"), "image_b": coded(other)} for other in (b"one", b"bad", b"two")]
    results = client.post("/batch_verify", json={"pairs": pairs}).json()["results"]
    assert [found.get("verified") for found in results] == [True, None, False]
    assert results[1] == {"error": "image 0 is not an image."}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"image_a": "&&&", "image_b": coded(b"x")}, "image_a: wanted an image in base64"),
        ({"image_a": coded(b"x"), "image_b": ""}, "image_b: wanted 1 to"),
        ({"image_a": coded(b"bad"), "image_b": coded(b"x")}, "is not an image"),
        ({"image_a": coded(b"x")}, "Field required"),
    ],
)
def test_bad_input_is_422_with_the_reason(client, body, message):
    answer = client.post("/verify_base64", json=body)
    assert answer.status_code == 422
    assert message in answer.text


def test_limits(client, monkeypatch):
    monkeypatch.setattr(rest, "MAX_IMAGE", 10)
    assert "wanted 1 to 10 bytes" in client.post("/verify", files={"image_a": b"x" * 11, "image_b": b"x"}).text
    monkeypatch.setattr(rest, "MAX_BODY", 10_000)
    assert client.post("/verify", files={"image_a": bytes(10_000), "image_b": b"x"}).status_code == 413
    pairs = [{"image_a": coded(b"x"), "image_b": coded(b"x")}] * (rest.MAX_PAIRS + 1)
    assert client.post("/batch_verify", json={"pairs": pairs}).status_code == 422


def test_no_upload_touches_the_disk(client, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("an image went to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refused)
    large = bytes(3_000_000)
    assert client.post("/verify", files={"image_a": large, "image_b": large}).json()["sizes"] == [3_000_000] * 2


def test_what_is_said_of_a_network():
    from types import SimpleNamespace

    import torch

    from twinlib.data.preprocess import Preprocess

    net = torch.nn.Linear(3, 2)
    net.preprocess = Preprocess(64)
    said = rest.described(SimpleNamespace(net=net, calibration=None, align="none", weights="abc"))
    assert (said["model"], said["parameters"], said["input"]["size"], said["calibration"]) == ("Linear", 8, 64, None)


def test_it_listens_on_this_machine_and_needs_a_network(monkeypatch):
    assert inspect.signature(rest.serve).parameters["host"].default == "127.0.0.1"
    monkeypatch.delenv("TWINLIB_MODEL", raising=False)
    with pytest.raises(InputError, match="set TWINLIB_MODEL"):
        rest.serve()
