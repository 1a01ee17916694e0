import weakref

import numpy as np
import pytest
import torch
from PIL import Image

import twinlib
from twinlib import config
from twinlib.config import MODELS
from twinlib.errors import InputError
from twinlib.faces.detect.landmarks import POINTS, Detection
from twinlib.train.stored.pretrained import save
from twinlib.verify import calibrated
from twinlib.verify import verifier as verifier_module
from twinlib.verify.verifier import TwinVerifier

TINY = config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=16)
DEEPFACE = {
    "verified",
    "distance",
    "threshold",
    "model",
    "detector_backend",
    "similarity_metric",
    "facial_areas",
    "time",
}


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    save(MODELS.build(TINY), "mobilefacenet", TINY, tmp_path / "net")
    return tmp_path / "net"


@pytest.fixture
def verifier(folder):
    return twinlib.TwinVerifier.from_pretrained(folder, align="none", device="cpu")


def crop(seed):
    return np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)


def test_images_and_embeddings_give_one_score(verifier, tmp_path):
    a, b = crop(0), crop(1)
    e = verifier.embed([a, b])
    np.testing.assert_allclose(np.linalg.norm(e, axis=1), 1, rtol=1e-6)
    Image.fromarray(a).save(tmp_path / "a.png")
    forms = [a, tmp_path / "a.png", Image.fromarray(a), torch.from_numpy(a.transpose(2, 0, 1).copy()), e[0]]
    results = [verifier.verify(form, b, threshold=0.5) for form in forms]
    for found in results:
        assert found["score"] == pytest.approx(float(e[0] @ e[1]), abs=1e-5)
        assert found.keys() > DEEPFACE
        assert found["distance"] == pytest.approx(1 - found["score"])
    assert float(verifier.compare(e[0], e[1])) == pytest.approx(results[0]["score"], abs=1e-5)
    np.testing.assert_allclose(verifier.compare(e, e), 1, rtol=1e-6)


def test_an_image_and_its_mirror_image_are_one(verifier):
    e = verifier.embed([crop(0), crop(0)[:, ::-1]])
    np.testing.assert_allclose(e[0], e[1], atol=1e-5)


def test_thresholds_are_distances_and_named(verifier):
    a, b = crop(0), crop(1)
    distance = verifier.verify(a, b, 0.5)["distance"]
    assert verifier.verify(a, b, distance)["verified"]
    assert not verifier.verify(a, b, distance - 1e-6)["verified"]
    found = verifier.verify(a, b, 0.5)
    assert (found["threshold_source"], found["fmr_at_threshold"], found["score_threshold"]) == ("argument", None, 0.5)
    with pytest.raises(InputError, match="this network has no threshold"):
        verifier.verify(a, b)


def test_calibration_is_used_kept_and_bound(verifier, folder):
    images = [crop(i) for i in range(24)]
    pairs = [(images[i], images[j], 0) for i in range(24) for j in range(i)]
    pairs += [(image, np.clip(image + 1, 0, 255).astype(np.uint8), 1) for image in images[:3]]
    found = verifier.calibrate(pairs, target_fmr=0.05, folder=folder)
    scores = [verifier.compare(*verifier.embed([a, b])) for a, b, same in pairs[:276]]
    assert np.mean(np.array(scores) >= found.threshold) == pytest.approx(13 / 276, abs=0.004)
    again = TwinVerifier.from_pretrained(folder, align="none", device="cpu").verify(images[0], images[1])
    assert again["threshold_source"] == "calibration"
    assert again["fmr_at_threshold"] == pytest.approx(14 / 277)
    assert any("never tested on identical twins" in text for text in again["warnings"])
    with pytest.raises(InputError, match="pair 2: the images of pair 0 again"):
        verifier.calibrate([(images[0], images[1], 0), (images[0], images[2], 0), (images[1], images[0], 1)])
    with pytest.raises(InputError, match="impostor pairs"):
        verifier.calibrate(pairs, target_fmr=1e-3)
    other = TwinVerifier.from_pretrained(folder, align="landmarks", device="cpu")
    with pytest.raises(InputError, match="chosen with --align none, not landmarks"):
        other.verify(images[0], images[1])


def test_a_score_that_reaches_the_threshold_of_the_calibration_is_accepted(verifier):
    a, b = verifier.embed([crop(0), crop(1)])
    score = float(verifier.compare(a, b))
    for threshold, accepted in ((score, True), (np.nextafter(score, 2), False)):
        given = (float(threshold), 0.1, 0.1, (0.0, 0.2), 0.0, 100, "all", {}, "")
        verifier.calibration = calibrated.Calibrated(*given, "none")
        assert verifier.verify(a, b)["verified"] is accepted


NO_DISTANCE = [float("nan"), float("inf"), -float("inf"), -1, 2.5, True, torch.tensor([0.5])]


@pytest.mark.parametrize("threshold", NO_DISTANCE, ids=repr)
def test_a_threshold_that_no_distance_has_is_refused(verifier, threshold):
    with pytest.raises(InputError, match=r"threshold must be a distance \(1 - score\) from 0 to 2; found"):
        verifier.verify(crop(0), crop(1), threshold)


@pytest.mark.parametrize("threshold", [0, 2, np.float32(0.5), np.array(0.5), torch.tensor(0.5)], ids=repr)
def test_a_threshold_may_come_as_any_one_number(verifier, threshold):
    assert verifier.verify(crop(0), crop(1), threshold)["threshold"] == float(threshold)


class Stub:
    """Finds what it is told to, and has nobody to judge the angle."""

    def __init__(self, detection):
        self.detection = detection

    def see(self, image):
        return self.detection, None


def test_photographs_are_aligned_and_their_faces_reported(folder):
    verifier = TwinVerifier.from_pretrained(folder, device="cpu")
    points = np.random.default_rng(0).uniform(20, 60, (POINTS, 2)).astype(np.float32)
    verifier.recogniser._mesh = Stub(Detection(points, 2, "whole", "largest central of 2 faces"))
    photo = np.random.default_rng(1).integers(0, 256, (90, 80, 3), np.uint8)
    found = verifier.verify(photo, photo, 0.5)
    assert found["score"] == pytest.approx(1, abs=1e-5)
    low, high = points.min(0), points.max(0)
    area = {"x": round(low[0]), "y": round(low[1]), "w": round(high[0] - low[0]), "h": round(high[1] - low[1])}
    assert found["facial_areas"]["img1"] == area
    assert "a: 2 faces: the largest central one was taken" in found["warnings"]
    assert "b: it is unclear which way up the face is" in found["warnings"]
    verifier.recogniser._mesh = Stub(Detection(np.full((POINTS, 2), np.nan, np.float32), 0, "", "no face found"))
    with pytest.raises(InputError, match=r"image_1: no face found. .* align='none'"):
        verifier.verify(photo, photo, 0.5, names=("image_1", "image_2"))


def test_refusals(verifier, folder):
    with pytest.raises(InputError, match="takes aligned crops of 32 × 32 px"):
        verifier.embed(np.zeros((40, 40, 3), np.uint8))
    with pytest.raises(InputError, match="align 'auto' is unknown"):
        TwinVerifier.from_pretrained(folder, align="auto")
    with pytest.raises(InputError, match="of different networks"):
        verifier.compare(np.ones(4), np.ones(5))
    with pytest.raises(InputError, match="wanted 16 floats"):
        verifier.verify(crop(0), verifier.embed(crop(1))[0][:5], 0.5)


def test_a_calibration_of_other_weights_is_refused(folder):
    calibrated.write(folder, calibrated.Calibrated(0.5, 0.1, 0.1, (0.0, 0.2), 0.0, 100, "all", {}, "other", "none"))
    with pytest.raises(InputError, match="other weights"):
        TwinVerifier.from_pretrained(folder, align="none")


def test_lists_are_embedded_a_few_at_a_time(verifier, monkeypatch, capfd):
    monkeypatch.setattr(verifier_module, "BATCH", 4)
    held = []
    embed = verifier.recogniser.embed
    monkeypatch.setattr(verifier.recogniser, "embed", lambda seen: held.append(len(seen)) or embed(seen))
    e = verifier.embed(crop(i) for i in range(10))
    assert held == [4, 4, 2]
    assert "embedding: " in capfd.readouterr().err
    np.testing.assert_allclose(e[7], verifier.embed(crop(7))[0], atol=1e-6)
    mixed = verifier.embed([crop(0), e[1], e[2].tolist()])
    np.testing.assert_allclose(mixed, e[:3], atol=1e-6)
    np.testing.assert_allclose(verifier.embed(e[3].tolist()), e[3:4], atol=1e-6)


def test_pairs_are_gone_through_once_and_their_images_let_go(verifier, monkeypatch):
    monkeypatch.setattr(verifier_module, "BATCH", 8)
    alive, most = weakref.WeakSet(), []

    class Held(np.ndarray):
        """An array that can be watched; equal ones are not the same."""

        __hash__ = object.__hash__
        __eq__ = object.__eq__

    def pairs():
        for i in range(24):
            for j in range(i):
                a, b = (crop(k).view(Held) for k in (i, j))
                alive.add(a)
                alive.add(b)
                most.append(len(alive))
                yield a, b, 0
        yield crop(0), np.clip(crop(0) + 1, 0, 255).astype(np.uint8), 1

    embedded = []
    embed = verifier.recogniser.embed
    monkeypatch.setattr(verifier.recogniser, "embed", lambda seen: embedded.append(len(seen)) or embed(seen))
    found = verifier.calibrate(pairs(), target_fmr=0.05)
    assert max(most) <= 8 + 4
    assert found.impostors == 276
    assert sum(embedded) == 25  # each content once
    assert found.source == "277 pairs of 25 images"


def test_empty_lists_are_refused_by_name(verifier):
    for nothing in ([], (), iter([])):
        with pytest.raises(InputError, match="images: the list is empty"):
            verifier.embed(nothing)
    with pytest.raises(InputError, match="pairs: the list is empty"):
        verifier.calibrate([])
    with pytest.raises(InputError, match="left: the list is empty"):
        verifier.verify([], crop(0), 0.5, names=("left", "right"))
    with pytest.raises(InputError, match="pair 1: wanted image, image, 1 or 0"):
        verifier.calibrate([(crop(0), crop(1), 0), (crop(0), crop(1))])
