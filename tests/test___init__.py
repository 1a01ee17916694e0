import ast
import subprocess
import sys

import pytest
from PIL import Image

import twinlib

LIGHT = {"PIL", "cv2", "jaxtyping", "numpy", "onnxruntime", "tqdm", "twinlib"}


def test_two_photographs_are_verified_without_torch_and_what_comes_with_it(tmp_path):
    astronaut = pytest.importorskip("skimage.data").astronaut()
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    Image.fromarray(astronaut[:, ::-1]).save(tmp_path / "b.jpg")
    code = (
        "import sys, twinlib\n"
        "assert 'numpy' not in sys.modules\n"
        "with twinlib.TwinVerifier.from_pretrained() as verifier:\n"
        "    assert verifier.verify('a.png', 'b.jpg')['verified']\n"
        "heavy = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(name for name in heavy if '_' not in name[:1]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    found = set(ast.literal_eval(done.stdout))
    assert found - {"Cython", "cython", "cython_runtime", "sitecustomize", "wadler_lindig"} <= LIGHT, done.stdout


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'Verifier'"):
        twinlib.Verifier  # noqa: B018
