"""Training where there is neither mediapipe nor the book's packages, from a set that was packed elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Not sphinx: scipy.stats asks whether it was loaded, and takes a blocked module for a loaded one.
ABSENT = ["mediapipe", "cv2", "numba", "ripser", "onnx", "onnxruntime", "tensorboard", "fastapi", "papermill",
          "nbformat", "IPython", "ipywidgets", "jax", "skimage", "doit", "gudhi", "matplotlib", "myst_nb"]  # fmt: skip


@pytest.mark.slow
def test_training_needs_none_of_them(smoke_set, tmp_path):
    """The whole command: packed crops, a few steps of AHAN, embeddings, scores, record."""
    command = ["run", "ahan", "--profile", "smoke", "--device", "cpu", "--set", "train.passes=48", "train.warmup=0"]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({ABSENT}))\n"
        f"from twinlib.cli import main as cli; sys.exit(cli.main({command}))\n"
    )
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "data_prep")]),
        "TWINLIB_RESULTS": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ahan" in done.stdout
    assert "twin" in done.stdout
    assert (smoke_set / "aligned/crops.npy").is_file()
