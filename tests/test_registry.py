import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from twinlib.errors import InputError
from twinlib.registry import Registry

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Dry:
    pass


@dataclass(frozen=True)
class Wet(Dry):
    """As settings often are: built on others."""


def test_a_class_is_imported_when_it_is_built():
    code = (
        "import sys; from twinlib.registry import Registry; r = Registry('x', {'a': (int, 'colorsys:rgb_to_hls')}); "
        "assert 'a' in r and list(r) == ['a'] and r['a'] is int and r.name_of(3) == 'a'; "
        "assert 'colorsys' not in sys.modules; "
        "print(r.builder('a').__name__, 'colorsys' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "rgb_to_hls True\n"


def test_settings_choose_what_is_built_and_ones_own_join():
    registry = Registry("thing", {"dry": (Dry, lambda cfg: ("dry", cfg))})
    registry.add("wet", Wet, lambda cfg, more: ("wet", cfg, more))
    assert registry.build(Dry()) == ("dry", Dry())
    assert registry.build(Wet(), 7) == ("wet", Wet(), 7)
    assert dict(registry) == {"dry": Dry, "wet": Wet}


def test_settings_of_another_kind_are_refused_with_the_names_that_are_known():
    with pytest.raises(InputError, match="settings int are of no thing; known: dry, wet"):
        Registry("thing", {"wet": (Wet, "a:b"), "dry": (Dry, "a:b")}).build(3)
