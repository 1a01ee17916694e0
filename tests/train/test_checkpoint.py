import pytest
import torch

from twinlib.errors import InputError
from twinlib.train import checkpoint

STATE = checkpoint.State(
    run="r", step=3, model={"w": torch.arange(3.0)}, loss={}, optimizer={"state": {}}, history=[{"step": 1.0}]
)


def test_round_trip(tmp_path):
    checkpoint.save(tmp_path / "last.pt", STATE)
    back = checkpoint.load(tmp_path / "last.pt", "r")
    assert back["step"] == 3
    assert torch.equal(back["model"]["w"], STATE["model"]["w"])
    assert back["history"] == STATE["history"]


def test_no_file_and_a_file_of_another_run_give_none(tmp_path):
    assert checkpoint.load(tmp_path / "last.pt", "r") is None
    checkpoint.save(tmp_path / "last.pt", STATE)
    assert checkpoint.load(tmp_path / "last.pt", "other") is None


@pytest.mark.parametrize("keep", [0, 100, -20])
def test_a_truncated_file_is_named(tmp_path, keep):
    file = tmp_path / "last.pt"
    checkpoint.save(file, STATE)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"last\.pt is damaged .*Delete it"):
        checkpoint.load(file, "r")


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    torch.save({"run": "r", "x": Evil()}, tmp_path / "last.pt")
    with pytest.raises(InputError, match="is damaged"):
        checkpoint.load(tmp_path / "last.pt", "r")
    assert not (tmp_path / "owned").exists()
