import numpy as np
import pytest
from PIL import Image

from twinlib.errors import InputError
from twinlib.verify.calibrated import GRID, Calibrated
from twinlib.verify.picture import AXIS, EDGE, FACE, WIDTH, draw
from twinlib.verify.recognise.recogniser import Seen

FOUND = {"verified": True, "score": 0.5, "score_threshold": 0.25, "reasons": [], "warnings": []}
RATES = {
    "score": GRID.tolist(),
    "fmr": np.linspace(1, 0, len(GRID)).tolist(),
    "fnmr": np.linspace(0, 1, len(GRID)).tolist(),
}
KNOWN = Calibrated(0.25, 1e-3, 1e-3, (0.0, 0.2), 0.02, 100, "all", {}, "", "none", "", RATES)


def faces():
    return tuple(Seen(None, np.full((112, 112, 3), value, np.uint8)) for value in (60, 200))


def test_both_faces_and_the_score_are_drawn(tmp_path):
    draw(tmp_path / "out.png", FOUND, faces(), KNOWN)
    with Image.open(tmp_path / "out.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert (pixels[20 : 20 + FACE, EDGE : EDGE + FACE] == 60).all()
    assert (pixels[20 : 20 + FACE, WIDTH - EDGE - FACE : WIDTH - EDGE] == 200).all()
    column = round(AXIS[0] + (AXIS[1] - AXIS[0]) * 1.0 / 1.5)  # of the score .5 on the axis from -.5 to 1
    assert (pixels[AXIS[3] + 20 : AXIS[2] - 20, column] < 80).all()
    colours = {tuple(colour) for colour in pixels.reshape(-1, 3)}
    assert {(0xB2, 0x56, 0x0D), (0x1F, 0x5F, 0xA8)} <= colours


def test_notes_make_it_longer_and_embeddings_have_no_face(tmp_path):
    long = FOUND | {"verified": None, "warnings": ["a word " * 40], "reasons": ["too small"]}
    draw(tmp_path / "short.png", FOUND, (None, None))
    draw(tmp_path / "long.png", long, (None, None))
    with Image.open(tmp_path / "short.png") as short, Image.open(tmp_path / "long.png") as tall:
        assert tall.height >= short.height + 60


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"--picture .*out.jpg: wanted a file that ends in .png"):
        draw(tmp_path / "out.jpg", FOUND, faces())
    assert list(tmp_path.iterdir()) == []


def test_maps_are_laid_over_the_faces_in_rows_of_their_own(tmp_path):
    heat = np.zeros((7, 7))
    heat[3, 3] = 2.0
    draw(tmp_path / "plain.png", FOUND, faces(), KNOWN)
    draw(tmp_path / "maps.png", FOUND, faces(), KNOWN, ({"attention": heat}, {"attention": heat, "asymmetry": heat}))
    with Image.open(tmp_path / "plain.png") as plain, Image.open(tmp_path / "maps.png") as image:
        assert image.height == plain.height + 2 * (FACE + 20)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    middle = pixels[20 + FACE + 20 + FACE // 2, EDGE + FACE // 2]
    assert middle[0] - middle[2] > 100  # orange
    corner = pixels[20 + FACE + 20 + 3, EDGE + 3]
    assert (corner == 60).all()
