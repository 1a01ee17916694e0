import base64
import os
import re
import sys
import tempfile
import threading
import time
import zipfile
from contextlib import contextmanager

import pytest
from service_stub import Stub

from twinlib.verify.web import application as web
from twinlib.verify.web import service, uploads

testclient = pytest.importorskip("fastapi.testclient")


@pytest.fixture
def client():
    with testclient.TestClient(web.application([Stub()], {"model": "Stub"})) as made:
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
    assert results[1] == {"error": "image_b is not an image."}


def test_embeddings_come_in_the_order_of_the_images(client):
    files = [("images", one) for one in (b"one", b"eleven", b"x")]
    assert client.post("/embed", files=files).json() == {"embeddings": [[3.0, 1.0], [6.0, 1.0], [1.0, 1.0]]}
    answer = client.post("/embed", files=[("images", b"one"), ("images", b"bad")])
    assert (answer.status_code, answer.json()) == (422, {"error": "images.1 is not an image."})
    answer = client.post("/embed", files=[("images", b"x")] * (web.MAX_PAIRS + 1))
    assert (answer.status_code, "at most 64, found 65" in answer.text) == (422, True)
    assert client.post("/embed", files=[("images", b"")]).json()["error"].startswith("images.0: wanted 1 to")


def test_the_page_to_try_a_pair_loads_nothing_and_sends_what_verify_takes(client):
    page = client.get("/").text
    assert "http" not in page
    assert "<script" not in page
    assert re.findall(r'name="(image_\w)"', page) == ["image_a", "image_b"]
    assert 'action="verify" enctype="multipart/form-data"' in page


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"image_a": "&&&", "image_b": coded(b"x")}, "image_a: wanted an image in base64"),
        ({"image_a": coded(b"x"), "image_b": ""}, "image_b: wanted 1 to"),
        ({"image_a": coded(b"bad"), "image_b": coded(b"x")}, "is not an image"),
        ({"image_a": coded(b"x")}, "image_b: Field required"),
    ],
)
def test_bad_input_is_422_with_the_reason(client, body, message):
    answer = client.post("/verify_base64", json=body)
    assert answer.status_code == 422
    assert message in answer.text


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1", "2.5", "true", '"0.4"', "9" * 400])
def test_a_threshold_that_no_distance_has_is_refused_everywhere(client, text):
    pair = f'{{"image_a": "{coded(b"x")}", "image_b": "{coded(b"x")}", "threshold": {text}}}'
    for path, body in (("/verify_base64", pair), ("/batch_verify", f'{{"pairs": [{pair}]}}')):
        answer = client.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422
        said = answer.json()["error"]
        assert said.startswith(("threshold must be a distance (1 - score) from 0 to 2", "pairs.0.threshold: threshold"))
        assert len(said) < 300
    if text != '"0.4"':
        form = {"files": {"image_a": b"x", "image_b": b"x"}, "data": {"threshold": text}}
        answer = client.post("/verify", **form)
        assert answer.status_code == 422
        assert "threshold" in answer.json()["error"]


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ({"content": b"", "headers": {"content-type": "application/json"}}, 422, "body: Field required"),
        ({"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}, 400, "error parsing the body"),
        ({"content": b"1" * 5000, "headers": {"content-type": "application/json"}}, 400, "error parsing the body"),
        ({"content": b'{"image_a": "\xff"}', "headers": {"content-type": "application/json"}}, 400, "parsing the body"),
        ({"content": b'{"image_a": "\\ud800"}', "headers": {"content-type": "application/json"}}, 422, "image_a: "),
    ],
)
def test_every_refusal_has_one_form(client, how, code, said):
    answer = client.post("/verify_base64", **how)
    assert answer.status_code == code
    assert answer.json().keys() == {"error"}
    assert said in answer.json()["error"]


def test_other_routes_and_methods_are_refused_in_that_form_too(client):
    assert client.get("/nothing").json() == {"error": "Not Found."}
    answer = client.get("/verify")
    assert (answer.status_code, answer.json()) == (405, {"error": "Method Not Allowed."})
    assert answer.headers["allow"] == "POST"
    sent = client.post("/verify", content=b"x", headers={"content-type": "multipart/form-data"})
    assert (sent.status_code, sent.json()) == (400, {"error": "Missing boundary in multipart."})


def test_limits(client, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_IMAGE", 10)
    assert "wanted 1 to 10 bytes" in client.post("/verify", files={"image_a": b"x" * 11, "image_b": b"x"}).text
    monkeypatch.setattr(uploads, "MAX_BODY", 10_000)
    assert client.post("/verify", files={"image_a": bytes(10_000), "image_b": b"x"}).status_code == 413
    pairs = [{"image_a": coded(b"x"), "image_b": coded(b"x")}] * (web.MAX_PAIRS + 1)
    assert client.post("/batch_verify", json={"pairs": pairs}).status_code == 422


def test_no_upload_touches_the_disk(client, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("an image went to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refused)
    large = bytes(3_000_000)
    assert client.post("/verify", files={"image_a": large, "image_b": large}).json()["sizes"] == [3_000_000] * 2


CODED = base64.b64encode(bytes(range(248, 256)) * 25).decode()  # both letters that differ, and padding


@pytest.mark.parametrize(
    "text",
    [
        CODED,
        CODED.replace("+", "-").replace("/", "_"),
        CODED.rstrip("="),
        "\n".join(CODED[i : i + 76] for i in range(0, len(CODED), 76)) + "\r\n",
        f"data:image/jpeg;base64,{CODED}",
        f"DATA:image/jpeg;BASE64,{CODED}",
        f"data:image/png;charset=x;base64,{CODED.replace('+', '%2B').replace('=', '%3D')}",
    ],
)
def test_base64_in_every_spelling_is_served(client, text):
    assert ("+" in CODED, "/" in CODED, CODED[-1]) == (True, True, "=")
    found = client.post("/verify_base64", json={"image_a": text, "image_b": CODED}).json()
    assert (found["verified"], found["sizes"]) == (True, [200, 200])


@pytest.mark.parametrize("text", ["data:image/png,raw", "data:image/png;base64", "a" * 5, "ä" * 8, "%%%%", ""])
def test_other_text_is_refused_by_the_name_of_its_field(client, text):
    answer = client.post("/verify_base64", json={"image_a": CODED, "image_b": text})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("image_b: wanted")


def test_the_page_of_the_routes_loads_nothing(client):
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
    for part in ("POST /verify_base64", "image_a", "threshold", "GET /health", "openapi.json"):
        assert part in page
    assert client.get("/redoc").status_code == 404


WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@contextmanager
def listening(app):
    """The address of a server on a free port, in a thread of this process."""
    uvicorn = pytest.importorskip("uvicorn")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield "http://{}:{}".format(*server.servers[0].sockets[0].getsockname())
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def written():
    """Files that anything in this process opens for writing, by Python's own account (an audit hook stays for good)."""
    names, on = [], [True]

    def hook(event, arguments):
        if event == "open" and on and isinstance(arguments[2], int) and arguments[2] & WRITES:
            names.append(arguments[0])

    sys.addaudithook(hook)
    yield names
    on.clear()


@pytest.mark.data
def test_real_photographs_over_a_socket(shared_data, tmp_path, monkeypatch):
    """Two people of LFW: the service says what Python says, and nothing is written while it does."""
    import httpx

    from twinlib.verify.verifier import TwinVerifier

    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(shared_data / "lfw/lfw112_folds01-07.zip") as archive:
        names = ["Abel_Pacheco_0001", "Abel_Pacheco_0004", "Akhmed_Zakayev_0001"]
        one, again, other = (archive.read(f"{name[:-5]}/{name}.jpg") for name in names)
    weights = shared_data / "weights/mobilefacenet_foamliu_112x112.safetensors"
    with TwinVerifier.from_pretrained(weights) as verifier:
        plain = [verifier.verify(one, b, 0.7, ("image_a", "image_b")) for b in (again, other)]
        assert [found["verified"] for found in plain] == [True, False]
        with listening(web.application([verifier], service.described(verifier))) as address:
            assert httpx.get(f"{address}/model_info").json()["parameters"] == 999_936
            with written() as names:
                for b, expected in zip((again, other), plain, strict=True):
                    sent = {"files": {"image_a": one, "image_b": b}, "data": {"threshold": "0.7"}}
                    pair = {"image_a": coded(one), "image_b": coded(b), "threshold": 0.7}
                    answers = [httpx.post(f"{address}/verify", **sent)]
                    answers += [httpx.post(f"{address}/verify_base64", json=pair)]
                    for answer in answers:
                        found = answer.json()
                        assert found.pop("time") >= 0
                        assert found == {name: value for name, value in expected.items() if name != "time"}
    assert names == []
    assert list(tmp_path.iterdir()) == []


def test_the_watch_on_files_sees_a_file(tmp_path):
    with written() as names:
        (tmp_path / "x").write_text("seen")
    assert names == [str(tmp_path / "x")]
