import pytest

from twinlib import ahan, config
from twinlib.methods import symface


def test_settings_of_every_room_are_known_by_their_names():
    assert (config.AHAN, config.Pair, config.Halves) == (ahan.AHAN, ahan.Pair, symface.Halves)
    with pytest.raises(AttributeError, match="has no attribute 'Nobody'"):
        config.Nobody  # noqa: B018
