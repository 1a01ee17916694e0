import io

import numpy as np
import pytest
import torch
from PIL import Image

from twinlib.errors import InputError
from twinlib.verify.inputs import embedding_of, key_of, labelled, pixels_of, several


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, 5, 3), np.uint8)


def test_every_form_gives_the_same_pixels(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    tensor = torch.from_numpy(pixels.transpose(2, 0, 1).copy())
    stored = (tmp_path / "a.png").read_bytes()
    forms = (tmp_path / "a.png", str(tmp_path / "a.png"), stored, io.BytesIO(stored), Image.fromarray(pixels), pixels)
    for face in (*forms, tensor):
        np.testing.assert_array_equal(pixels_of(face, "a").pixels, pixels)
        assert embedding_of(face, 4) is None


def test_embeddings_become_unit_vectors():
    for face in (np.array([3.0, 4.0]), np.array([3, 4], np.float32), torch.tensor([3.0, 4.0]), [3.0, 4.0], (3.0, 4)):
        np.testing.assert_allclose(embedding_of(face, 2), [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize(
    ("face", "message"),
    [
        (np.ones(3), "wanted 4 floats of this network, found 3"),
        (np.ones(4, np.uint8), "found 4 of uint8"),
        (np.zeros(4), "not all zero"),
        (np.full(4, np.nan), "wanted finite numbers"),
        ([1, 2, 3, 4], "found 4 of int64"),
        ([], "the list is empty"),
        (["a.png"], "found a list of str"),
        ([[1.0], [2.0, 3.0]], "found a list of list"),
    ],
)
def test_what_is_no_embedding_of_this_network_is_refused(face, message):
    with pytest.raises(InputError, match=message):
        embedding_of(face, 4)


def test_tensors_of_unknown_scale_or_order_are_refused(pixels, tmp_path):
    for tensor in (torch.rand(3, 6, 5), torch.from_numpy(pixels)):
        with pytest.raises(InputError, match=r"b: wanted a uint8 tensor \[3, H, W\]"):
            pixels_of(tensor, "b")
    with pytest.raises(InputError, match=r"none.png does not exist"):
        pixels_of(tmp_path / "none.png", "b")


@pytest.mark.parametrize(
    ("images", "many"),
    [
        ([], True),
        (["a.png", "b.png"], True),
        ((b"x",), True),
        ([np.zeros((4, 4, 3), np.uint8)], True),
        ((name for name in "ab"), True),
        ({"a.png"}, True),
        ([0.1, 2], False),
        ((0.5,), False),
        ("a.png", False),
        (b"x", False),
        (np.zeros((4, 4, 3), np.uint8), False),
        (torch.zeros(3), False),
        (io.BytesIO(), False),
        (Image.new("L", (2, 2)), False),
        (5, False),
    ],
)
def test_what_holds_several_images(images, many):
    assert several(images) is many


def test_equal_content_is_one_input(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    stored = (tmp_path / "a.png").read_bytes()
    assert key_of(pixels) == key_of(pixels.copy()) != key_of(pixels[:, ::-1])
    assert key_of(pixels) != key_of(pixels.reshape(5, 6, 3))
    assert key_of(stored) == key_of(bytearray(stored)) != key_of(stored[:-1])
    assert key_of(tmp_path / "a.png") == key_of(str(tmp_path / "a.png"))
    assert key_of(Image.fromarray(pixels)) == key_of(Image.fromarray(pixels.copy()))
    assert key_of([0.5, 1.0]) != key_of([0.5, 2.0])
    assert key_of(torch.zeros(3)) == key_of(np.zeros(3, np.float32))


def test_rows_of_labelled_pairs():
    file = io.BytesIO(b"x")
    assert labelled(("a", file, True), "pair 0") == ("a", b"x", 1)
    for pair, message in ((("a", "b"), "found 2 entries"), (5, "found 1 entries"), (("a", "b", 2), "found 2")):
        with pytest.raises(InputError, match=f"pair 7: wanted .*{message}"):
            labelled(pair, "pair 7")
