import subprocess
import sys

import pytest

import twinlib


def test_the_verifier_comes_when_it_is_asked_for():
    code = "import sys, twinlib; print('torch' in sys.modules); twinlib.TwinVerifier; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'Verifier'"):
        twinlib.Verifier  # noqa: B018
