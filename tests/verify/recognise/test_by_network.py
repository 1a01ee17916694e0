import numpy as np
import pytest
import torch
from seen_photos import portrait, turned
from small_networks import SMALL

from twinlib import config
from twinlib.config import MODELS
from twinlib.errors import InputError
from twinlib.verify.recognise.by_network import Trained
from twinlib.verify.verifier import TwinVerifier

cv2 = pytest.importorskip("cv2")
pytest.importorskip("mediapipe")
TINY = config.MobileFaceNet(image_size=112, width=8, blocks=(1, 1, 1), embedding=16)


@pytest.fixture(scope="module")
def verifier():
    torch.manual_seed(0)
    with TwinVerifier(Trained(MODELS.build(TINY), device="cpu", weights="abc")) as made:
        yield made


@pytest.mark.parametrize("k", range(4))
def test_a_photo_on_its_side_or_head_gives_the_same_embedding(verifier, k):
    photo = portrait()
    found = verifier.verify(photo, turned(photo, k), 0.05)
    assert found["verified"] is True
    assert found["score"] > 0.999
    assert [text for text in found["warnings"] if text.startswith("b: ")] == []


def test_small_and_cut_faces_are_held_to_the_same_limits(verifier):
    photo = portrait()
    small = cv2.resize(photo, (110, 110), interpolation=cv2.INTER_AREA)
    assert any("px from brow to chin" in text for text in verifier.verify(small, photo, 0.5)["reasons"])
    cut = verifier.verify(np.ascontiguousarray(photo[:, :236]), photo, 0.5)
    assert any("cut by the picture's edge" in text for text in cut["reasons"] + cut["warnings"])


def test_what_it_says_of_itself_and_of_a_photo_without_a_face(verifier):
    recogniser = verifier.recogniser
    assert (recogniser.name, recogniser.detector, recogniser.weights) == ("MobileFaceNet", "mediapipe", "abc")
    assert recogniser.described()["parameters"] == sum(p.numel() for p in recogniser.net.parameters())
    with pytest.raises(InputError, match="image 0: no face found"):
        verifier.embed(np.full((64, 64, 3), 127, np.uint8))
    recogniser.close()
    assert recogniser._mesh is None
    assert verifier.embed(portrait()).shape == (1, 16)
    assert recogniser.length == 16


def test_maps_come_from_networks_that_have_them(verifier):
    from twinlib.faces.align import CANONICAL_BOXES
    from twinlib.faces.crops import Crop
    from twinlib.verify.recognise.recogniser import Seen

    def seen(size):
        pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
        return Seen(Crop(pixels, CANONICAL_BOXES, True), pixels)

    assert verifier.recogniser.maps(seen(112)) == {}
    maps = Trained(MODELS.build(SMALL["ahan"]), "none", "cpu").maps(seen(32))
    assert list(maps) == ["attention", "asymmetry"]
    assert maps["attention"].ndim == 2
    assert np.isfinite(maps["asymmetry"]).all()
    gated = Trained(MODELS.build(SMALL["local_global"]), "none", "cpu").maps(seen(64))
    assert list(gated) == ["attention"]
    assert ((gated["attention"] > 0) & (gated["attention"] < 1)).all()
