"""Training where there is neither mediapipe nor the book's packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ABSENT = ["mediapipe", "cv2", "numba", "ripser", "onnx", "onnxruntime", "tensorboard", "fastapi", "sphinx", "papermill",
          "nbformat", "IPython", "ipywidgets", "jax", "skimage", "doit", "gudhi"]  # fmt: skip


@pytest.mark.slow
def test_training_needs_none_of_them(tmp_path):
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({ABSENT}))\n"
        "import twinlib.train.run, twinlib.data.prepare, twinlib.serve.cli, train_worker\n"
        f"train_worker.train_case(train_worker.Path({str(tmp_path)!r}), 'ahan', 3)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model.safetensors").is_file()
