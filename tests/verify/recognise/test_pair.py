from hashlib import sha256

import numpy as np
import pytest
from seen_photos import FORMATS, portrait, stored, turned

import twinlib
from twinlib.errors import InputError
from twinlib.verify.recognise.pair import ShippedPair

cv2 = pytest.importorskip("cv2")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def verifier():
    return twinlib.TwinVerifier.from_pretrained()


class Remembered(ShippedPair):
    """Asks the networks once about the same pixels, which five of the formats give."""

    def __init__(self):
        super().__init__()
        self.looked, self.embedded = {}, {}

    def look(self, pixels, name):
        key = pixels.shape, sha256(pixels).digest()
        if key not in self.looked:
            self.looked[key] = super().look(pixels, name)
        return self.looked[key]

    def embed(self, seen):
        key = tuple(one.crop.tobytes() for one in seen)
        if key not in self.embedded:
            self.embedded[key] = super().embed(seen)
        return self.embedded[key]


def moved(verifier, photo):
    """How far the answer about a photograph and itself moves, and whether that is told, for each angle and format."""
    wanted = verifier.embed(photo)[0]
    for k in range(4):
        for ending in FORMATS:
            found = verifier.verify(stored(turned(photo, k), ending), wanted)
            told = [text for text in found["warnings"] if text.startswith("a: ")] or found["abstained"]
            yield (k, ending, 1 - found["score"]), bool(told)


def test_a_real_portrait_at_any_angle_and_in_any_format(verifier):
    rows = list(moved(verifier, portrait()))
    assert [row for row, told in rows if row[2] > 0.05] == []
    assert len(rows) == 32


@pytest.mark.slow
def test_thirty_photos_at_any_angle_and_in_any_format(verifier, smoke_set):
    """No answer moves by more than .05 of cosine unless something is said of the photograph."""
    from twinlib.data.manifest import read_manifest
    from twinlib.faces.images import read_image

    manifest = read_manifest(smoke_set).images
    photos = [portrait()] + [read_image(smoke_set / path) for path in manifest["path"][:: len(manifest) // 29][:29]]
    assert len(photos) == 30
    remembering = twinlib.TwinVerifier(Remembered(), verifier.calibration)
    silent = [(i, *row) for i, photo in enumerate(photos) for row, told in moved(remembering, photo) if not told]
    assert [row for row in silent if row[3] > 0.05] == []
    assert len(silent) > 30 * 16  # most are silent: the bar is no empty promise


@pytest.mark.parametrize(("side", "abstained"), [(200, False), (120, False), (100, True), (60, True)])
def test_there_is_no_answer_about_a_face_that_is_too_small(verifier, side, abstained):
    photo = portrait()
    small = cv2.resize(photo, (2 * side, 2 * side), interpolation=cv2.INTER_AREA)
    small = small if side > 100 else cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA)
    found = verifier.verify(small, photo)
    assert found["abstained"] is abstained
    assert found["verified"] is (None if abstained else True)
    assert any("px from brow to chin" in text for text in found["reasons"]) is abstained


@pytest.mark.parametrize("cut", [np.s_[:, :222], np.s_[:, 222:], np.s_[105:], np.s_[:135]])
def test_a_face_cut_by_the_edge_is_never_taken_without_a_word(verifier, cut):
    photo = portrait()
    found = verifier.verify(np.ascontiguousarray(photo[cut]), photo)
    assert any("cut by the picture's edge" in text for text in found["reasons"] + found["warnings"])


def test_blur_is_told_and_then_refused(verifier):
    photo = portrait()
    for sigma, abstained in ((2.0, False), (4.0, True)):
        found = verifier.verify(cv2.GaussianBlur(photo, (0, 0), sigma), photo)
        assert found["abstained"] is abstained
        assert any("blurred" in text for text in found["reasons"] + found["warnings"])


def test_two_faces_are_told(verifier):
    photo = portrait()
    both = np.concatenate([photo[:300, 70:370], photo[:300, 70:370][:, ::-1]], axis=1)
    assert "a: 2 faces: the largest central one was taken" in verifier.verify(both, photo)["warnings"]


def test_crops_are_taken_on_trust_without_a_threshold():
    crop = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    with twinlib.TwinVerifier.from_pretrained(align="none") as verifier:
        assert verifier.verify(crop, crop, 0.5)["facial_areas"] == {"img1": None, "img2": None}
        with pytest.raises(InputError, match="this network has no threshold"):
            verifier.verify(crop, crop)
        with pytest.raises(InputError, match="aligned crops of 112 × 112 px"):
            verifier.verify(crop[:100], crop, 0.5)


def test_what_it_says_of_itself():
    pair = ShippedPair()
    assert (pair.name, pair.detector, pair.align, pair.length) == ("SFace", "yunet", "landmarks", 128)
    assert pair.described()["input"]["size"] == 112
    with pytest.raises(InputError, match="x: no face found"):
        pair.look(np.zeros((50, 50, 3), np.uint8), "x")
