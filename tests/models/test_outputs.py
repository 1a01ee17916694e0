import pytest
import torch

from twinlib.models.outputs import answer


def test_only_what_was_asked_for():
    e, given = torch.zeros(1), {"tokens": torch.ones(1), "gates": torch.ones(2)}
    assert answer(e, given, ()) is e
    assert answer(e, given, ("gates",)) == (e, {"gates": given["gates"]})
    with pytest.raises(KeyError):
        answer(e, given, ("other",))
