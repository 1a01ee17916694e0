import inspect
import io
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from seen_photos import portrait

from twinlib.errors import InputError
from twinlib.verify.web import service

testclient = pytest.importorskip("fastapi.testclient")
httpx = pytest.importorskip("httpx")


def test_what_is_said_of_a_network():
    from types import SimpleNamespace

    import torch

    from twinlib.models.network import Network
    from twinlib.models.preprocess import Preprocess
    from twinlib.verify.recognise.by_network import Trained

    net = Network()
    net.layer, net.preprocess = torch.nn.Linear(3, 2), Preprocess(64)
    said = service.described(SimpleNamespace(recogniser=Trained(net, "none", "cpu", "abc"), calibration=None))
    assert (said["model"], said["parameters"], said["input"]["size"], said["calibration"]) == ("Network", 8, 64, None)
    assert (said["align"], said["weights_sha256"]) == ("none", "abc")


def test_it_listens_on_this_machine_with_the_pair_that_ships(monkeypatch):
    uvicorn = pytest.importorskip("uvicorn")
    assert inspect.signature(service.serve).parameters["host"].default == "127.0.0.1"
    monkeypatch.delenv("TWINLIB_MODEL", raising=False)
    started = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: started.append((app, options)))
    service.serve()
    [(app, options)] = started
    assert options["host"] == "127.0.0.1"
    info = testclient.TestClient(app).get("/model_info").json()
    assert (info["model"], info["calibration"]["kind"]) == ("SFace", "stranger")


def test_it_does_not_start_with_a_threshold_of_other_crops(monkeypatch):
    pytest.importorskip("uvicorn")

    from twinlib.models.network import Network
    from twinlib.verify.calibrated import Calibrated
    from twinlib.verify.recognise.by_network import Trained
    from twinlib.verify.verifier import TwinVerifier

    known = Calibrated(0.5, 0.1, 0.1, (0.0, 0.2), 0.0, 100, "all", {}, "", "none")
    made = TwinVerifier(Trained(Network(), device="cpu"), known)
    monkeypatch.setattr(TwinVerifier, "from_pretrained", lambda *_, **__: made)
    with pytest.raises(InputError, match="chosen with --align none, not landmarks"):
        service.serve("net")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def running(tmp_path):
    """A service of the pair that ships, in a process of its own: the process and its address."""
    port = free_port()
    code = "from twinlib.verify.web.service import serve; import sys; serve(port=int(sys.argv[1]), workers=1)"
    process = subprocess.Popen([sys.executable, "-c", code, str(port)], stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if httpx.get(f"{address}/ready", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process, address
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def photograph():
    buffer = io.BytesIO()
    Image.fromarray(portrait()).save(buffer, "JPEG")
    return buffer.getvalue()


def test_sigterm_finishes_what_is_in_flight(running):
    process, address = running
    sent = {"files": {"image_a": photograph(), "image_b": photograph()}, "timeout": 120}
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(httpx.post, f"{address}/verify", **sent) for _ in range(4)]
        while httpx.get(f"{address}/ready", timeout=60).json()["held"] < 2:
            time.sleep(0.005)
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        codes = [one.result().status_code for one in answers]
    assert codes[0] == 200
    assert set(codes) <= {200, 503}
    assert process.wait(120) in (0, -signal.SIGTERM)
    assert "Finished server process" in process.stderr.read()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address}/health")


def test_a_caller_that_goes_away_and_a_killed_service_leave_nothing_behind(running, tmp_path):
    process, address = running
    sent = {"files": {"image_a": photograph(), "image_b": photograph()}}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{address}/verify", **sent, timeout=0.01)
    assert httpx.post(f"{address}/verify", **sent, timeout=120).json()["verified"] is True
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []
