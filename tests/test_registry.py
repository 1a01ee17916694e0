import subprocess
import sys
from pathlib import Path

import pytest

from twinlib.errors import InputError
from twinlib.registry import Registry

ROOT = Path(__file__).parents[1]


def test_a_place_is_imported_when_it_is_asked_for():
    code = (
        "import sys; from twinlib.registry import Registry; r = Registry('x', {'a': 'colorsys:rgb_to_hls'}); "
        "assert 'a' in r and list(r) == ['a'] and len(r) == 1 and 'colorsys' not in sys.modules; "
        "print(r['a'].__name__, 'colorsys' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "rgb_to_hls True\n"


def test_classes_of_ones_own_join_and_leave():
    registry = Registry("thing", {"a": "json:JSONDecoder"})
    registry["b"] = int
    assert dict(registry) == {"a": __import__("json").JSONDecoder, "b": int}
    del registry["b"]
    assert "b" not in registry


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(InputError, match="thing 'c' is unknown; known: a, b"):
        Registry("thing", {"b": int, "a": int})["c"]
