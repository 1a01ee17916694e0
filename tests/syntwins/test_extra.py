import pytest

from syntwins import extra, synthesise
from twinlib.errors import InputError


def test_missing_packages_are_named_with_their_extra(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"numba and opencv.*twinlib\[synth\]"):
        synthesise(tiny, tmp_path / "set")
