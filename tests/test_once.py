import pytest
from once import once


class Factory:
    """As pytest's, of one of two test processes that share a folder."""

    def __init__(self, shared, name):
        self.base = shared / name
        self.base.mkdir()

    def getbasetemp(self):
        return self.base

    def mktemp(self, name):
        (self.base / name).mkdir()
        return self.base / name


@pytest.fixture
def two(tmp_path):
    return [Factory(tmp_path, name) for name in ("gw0", "gw1")]


def test_the_second_process_gets_what_the_first_has_made(two, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    first, second = (once(factory, "set", lambda folder: (folder / "a").touch(exist_ok=False)) for factory in two)
    assert first == second
    assert (second / "a").exists()


def test_what_failed_half_way_is_made_again(two, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")

    def fail(folder):
        (folder / "half").touch()
        raise OSError

    with pytest.raises(OSError):
        once(two[0], "set", fail)
    assert list(once(two[1], "set", lambda folder: None).iterdir()) == []


def test_a_process_alone_makes_its_own(two, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert once(two[0], "set", lambda folder: None) == two[0].base / "set"
