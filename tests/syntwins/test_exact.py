import json
import subprocess
import sys
from pathlib import Path

import cv2
import golden_images
import numpy as np
import pytest
from processors import oldest

from syntwins import exact

RNG = np.random.default_rng(0)
IMAGE = RNG.uniform(0, 1, (30, 40)).astype(np.float32)
GOLDEN = json.loads(Path("tests/golden/syntwins_images.json").read_text())
"""From `python tests/golden_images.py`. They change with the generator's version, and with nothing else."""


def test_the_same_bytes_as_ever():
    assert golden_images.hashes() == GOLDEN


@pytest.mark.slow
def test_the_same_bytes_on_a_processor_without_newer_instructions():
    """NumPy, BLAS, numba, OpenCV and the C library, all of them held to what every 64-bit processor has."""
    script = [sys.executable, golden_images.__file__]
    ran = subprocess.run(script, env=oldest(), capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == GOLDEN


def test_no_kernel_is_compiled_with_fastmath():
    """It lets the compiler fuse and reorder, differently for each processor."""
    files = sorted(Path(exact.__file__).parent.glob("*.py"))
    assert [path.name for path in files if "fastmath=" in path.read_text()] == []


def test_filters_do_what_opencv_does_in_single_precision():
    column, row = (RNG.uniform(0, 29, (12, 12)).astype(np.float32) for _ in range(2))
    matrix = np.array([[1, 0, 2.5], [0, 1, -1.25]])
    pairs = (
        (exact.blur(IMAGE, 1.3), cv2.GaussianBlur(IMAGE, (0, 0), 1.3)),
        (exact.resize(IMAGE, (15, 20), cv2.INTER_AREA), cv2.resize(IMAGE, (20, 15), interpolation=cv2.INTER_AREA)),
        (exact.resize(IMAGE, (75, 60), cv2.INTER_CUBIC), cv2.resize(IMAGE, (60, 75), interpolation=cv2.INTER_CUBIC)),
        (exact.enlarge(IMAGE, (75, 60)), cv2.resize(IMAGE, (60, 75))),
        (exact.look_up(IMAGE, column, row), cv2.remap(IMAGE, column, row, cv2.INTER_LINEAR)),
        (exact.shift(IMAGE, 2.5, -1.25), cv2.warpAffine(IMAGE, matrix, (40, 30))),
    )
    for ours, wanted in pairs:
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, wanted, atol=3e-6)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_distances_are_opencvs(share):
    inside = (RNG.uniform(0, 1, (40, 50)) < share).astype(np.uint8)
    wanted = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_5)
    np.testing.assert_allclose(exact.distance(inside), wanted, atol=1e-3)
