import numpy as np
import pandas as pd
import pytest
from PIL import Image

from twinlib.audit.given import rendered_crops
from twinlib.audit.given.onnx_file import OnnxFile
from twinlib.audit.given.presets import PRESETS
from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.detect.weights import SFACE, shipped


@pytest.fixture
def images(tmp_path):
    """Pictures with five dots on their landmarks, shifted by another amount each."""
    rows, landmarks = [], []
    for i in range(3):
        points = np.zeros((468, 2), np.float32)
        target = align.TEMPLATE_112 + 10 * i
        for group, point in zip((align.LEFT_EYE, align.RIGHT_EYE, align.NOSE_TIP), target[:3], strict=True):
            points[list(group)] = point
        for corner, point in zip(align.MOUTH_CORNERS, target[3:], strict=True):
            points[corner] = point
        picture = np.zeros((160, 160, 3), np.uint8)
        picture[10 * i : 10 * i + 112, 10 * i : 10 * i + 112] = 50 * (i + 1)
        file = tmp_path / f"set/images/s/{i}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(file)
        rows.append({"set": "set", "image": f"set/{i}", "file": str(file)})
        landmarks.append(points)
    np.savez(tmp_path / "set/truth.npz", landmarks=np.stack(landmarks))
    return pd.DataFrame(rows)


def colours(crops):
    assert crops.shape[1:] == (112, 112, 3)
    return np.stack([crops.mean((1, 2, 3)), np.ones(len(crops))], 1)


@pytest.mark.parametrize("chunk", [1, 2, 128])
def test_each_picture_is_aligned_by_its_own_truth_and_embedded_in_order(images, chunk, monkeypatch):
    monkeypatch.setattr(rendered_crops, "CHUNK", chunk)
    e = rendered_crops.embedded(images, PRESETS["sface"], colours)
    np.testing.assert_allclose(e[:, 0] / e[:, 1], [50, 100, 150], rtol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(e, axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("embed", "match"),
    [
        (lambda crops: np.ones(len(crops)), r"found float64 \[3\]"),
        (lambda crops: np.ones((2, 4)), r"each of 3 crops; found float64 \[2, 4\]"),
        (lambda crops: np.full((len(crops), 4), "a"), "row of numbers"),
        (lambda crops: np.ones((len(crops), 0)), "row of numbers"),
        (lambda crops: np.array([[1.0, 0], [np.nan, 1], [0, 0]]), r"set/1 is NaN.*\(2 such\)"),
    ],
)
def test_a_bad_recogniser_is_named(images, embed, match):
    with pytest.raises(InputError, match=match):
        rendered_crops.embedded(images, PRESETS["sface"], embed)


def test_lengths_must_not_change(images, monkeypatch):
    monkeypatch.setattr(rendered_crops, "CHUNK", 2)
    with pytest.raises(InputError, match="different lengths"):
        rendered_crops.embedded(images, PRESETS["sface"], lambda crops: np.ones((len(crops), len(crops))))


def test_an_onnx_file_gives_the_same_in_parts_that_are_kept(images, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(rendered_crops, "CHUNK", 2)
    (tmp_path / "set/manifest.csv").write_text("image\n")
    file = tmp_path / "sface.onnx"
    file.write_bytes(shipped(SFACE))
    wanted = rendered_crops.embedded(images, PRESETS["sface"], OnnxFile(file, PRESETS["sface"]))
    asked, original = [], rendered_crops.CropStep.rows

    def rows(step, items):
        asked.append(len(items))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return original(step, items)

    monkeypatch.setattr(rendered_crops.CropStep, "rows", rows)
    with pytest.raises(KeyboardInterrupt):
        rendered_crops.embedded_by_file(images, PRESETS["sface"], file)
    np.testing.assert_array_equal(rendered_crops.embedded_by_file(images, PRESETS["sface"], file), wanted)
    assert asked == [2, 1, 1]
    assert list((tmp_path / "build/audit").iterdir()) == []
