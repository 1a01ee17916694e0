"""What a request might say in two ways is refused by name, whichever way a parser would have taken."""

import pytest
from service_stub import Stub

from twinlib.verify.web import application as web

testclient = pytest.importorskip("fastapi.testclient")
FORM = {"content-type": "multipart/form-data; boundary=x"}
JSON = {"content-type": "application/json"}
PAIR = '"image_a": "eA==", "image_b": "eA=="'


@pytest.fixture
def client():
    with testclient.TestClient(web.application([Stub()], {})) as made:
        yield made


def form(*names):
    parts = (f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\ny\r\n' for name in names)
    return "".join(parts) + "--x--\r\n"


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/verify", form("image_a", "image_b", "image_a"), "image_a: given more than once. Send it once."),
        (
            "/verify",
            form("image_a", "image_b", "threshhold"),
            "threshhold: no such field. Wanted image_a, image_b, thr",
        ),
        ("/verify?threshold=.1", form("image_a", "image_b"), "threshold: the query string is not read."),
        ("/embed", form("images", "image"), "image: no such field. Wanted images."),
        ("/verify_base64", f'{{{PAIR}, "image_a": "eA=="}}', "image_a: given more than once."),
        ("/verify_base64", f'{{{PAIR}, "threshold": 0.1, "threshold": 1}}', "threshold: given more than once."),
        ("/verify_base64", f'{{{PAIR}, "treshold": 0.1}}', "treshold: Extra inputs are not permitted"),
        ("/verify_base64", f"{{{PAIR}}} x", "body: JSON decode error"),
        ("/batch_verify", f'{{"pairs": [{{{PAIR}}}], "pairs": []}}', "pairs: given more than once."),
        ("/batch_verify", f'{{"pairs": [{{{PAIR}, "image_b": ""}}]}}', "image_b: given more than once."),
        ("/batch_verify", f'{{"pairs": [{{{PAIR}, "th": 1}}]}}', "pairs.0.th: Extra inputs are not permitted"),
    ],
)
def test_a_field_given_twice_or_unknown_is_refused_by_name(client, path, body, said):
    answer = client.post(path, content=body, headers=FORM if body.startswith("--x") else JSON)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)


def test_several_images_of_one_name_are_what_embed_takes(client):
    answer = client.post("/embed", content=form("images", "images"), headers=FORM)
    assert len(answer.json()["embeddings"]) == 2


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/verify", "application/x-www-form-urlencoded", "wanted multipart/form-data, found application/x-www-form"),
        ("/verify", "application/json", "wanted multipart/form-data, found application/json"),
        ("/embed", "", "wanted multipart/form-data, found none"),
        ("/verify_base64", "text/plain", "wanted application/json, found text/plain"),
        ("/verify_base64", "application/json; charset=utf-16", "wanted UTF-8, found charset=utf-16. Send UTF-8."),
    ],
)
def test_a_body_of_another_kind_is_415(client, path, kind, said):
    answer = client.post(path, content=f"{{{PAIR}}}", headers={"content-type": kind} if kind else {})
    assert answer.status_code == 415
    assert answer.json()["error"].startswith(f"content-type: {said}")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8"])
def test_json_in_its_usual_spellings_is_read(client, kind):
    answer = client.post("/verify_base64", content=f"{{{PAIR}}}", headers={"content-type": kind})
    assert answer.json()["verified"]
