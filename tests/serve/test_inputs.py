import numpy as np
import pytest
import torch
from PIL import Image

from twinlib.errors import InputError
from twinlib.serve.inputs import embedding_of, pixels_of


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, 5, 3), np.uint8)


def test_every_form_gives_the_same_pixels(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    tensor = torch.from_numpy(pixels.transpose(2, 0, 1).copy())
    stored = (tmp_path / "a.png").read_bytes()
    for face in (tmp_path / "a.png", str(tmp_path / "a.png"), stored, Image.fromarray(pixels), pixels, tensor):
        np.testing.assert_array_equal(pixels_of(face, "a"), pixels)
        assert embedding_of(face, 4) is None


def test_embeddings_become_unit_vectors():
    for face in (np.array([3.0, 4.0]), np.array([3, 4], np.float32), torch.tensor([3.0, 4.0])):
        np.testing.assert_allclose(embedding_of(face, 2), [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize(
    ("face", "message"),
    [
        (np.ones(3), "wanted 4 floats of this network, found 3"),
        (np.ones(4, np.uint8), "found 4 of uint8"),
        (np.zeros(4), "not all zero"),
        (np.full(4, np.nan), "wanted finite numbers"),
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
