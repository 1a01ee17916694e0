import pytest
import torch

from twinlib.errors import InputError
from twinlib.train.stored import checkpoint

STATE = checkpoint.State(
    run="r", step=3, model={"w": torch.arange(3.0)}, loss={}, optimizer={"state": {}}, history=[{"step": 1.0}]
)


def at(step):
    return {**STATE, "step": step}


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


@pytest.mark.parametrize("kind", [torch.optim.AdamW, lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9)])
def test_an_optimiser_goes_on_bit_for_bit(tmp_path, kind):
    def steps(net, opt, count):
        for i in range(count):
            opt.zero_grad()
            net(torch.full((2, 3), float(i + 1))).square().sum().backward()
            opt.step()

    net = torch.nn.Linear(3, 2)
    opt = kind(net.parameters(), lr=0.1)
    steps(net, opt, 3)
    state = checkpoint.State(run="r", step=3, model=net.state_dict(), loss={}, optimizer=opt.state_dict(),
                             history=[{"step": 3, "loss": 0.1 + 0.2}])  # fmt: skip
    checkpoint.save(tmp_path / "a", state)
    back = checkpoint.load(tmp_path / "a", "r")
    assert back["history"] == state["history"]
    other = torch.nn.Linear(3, 2)
    again = kind(other.parameters(), lr=0.5)
    other.load_state_dict(back["model"])
    again.load_state_dict(back["optimizer"])
    steps(net, opt, 2)
    steps(other, again, 2)
    assert torch.equal(net.weight, other.weight)


def test_the_newest_two_stay_and_a_truncated_one_is_named_and_skipped(tmp_path):
    for step in (5, 10, 15):
        checkpoint.save_newest(tmp_path, at(step))
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "step-00000010.safetensors",
        "step-00000015.safetensors",
    ]
    last = tmp_path / "step-00000015.safetensors"
    last.write_bytes(last.read_bytes()[:-10])
    with pytest.warns(UserWarning, match=r"step-00000015\.safetensors is damaged .* it is skipped"):
        assert checkpoint.newest(tmp_path, "r")["step"] == 10
    last.unlink()
    assert checkpoint.newest(tmp_path, "other") is None
    assert checkpoint.newest(tmp_path / "nowhere", "r") is None


def test_a_finished_run_keeps_no_checkpoint_and_no_leftovers(tmp_path):
    checkpoint.save_newest(tmp_path, at(5))
    (tmp_path / ".partial-x.safetensors").write_bytes(b"half")
    checkpoint.save_weights(tmp_path / "best.safetensors", STATE["model"])
    checkpoint.save_weights(tmp_path / "model.safetensors", STATE["model"])
    checkpoint.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_a_full_disk_is_told_and_leaves_the_one_before(tmp_path, monkeypatch):
    checkpoint.save_newest(tmp_path, at(5))

    def full(tensors, path, metadata):
        path.write_bytes(b"half")
        raise checkpoint.SafetensorError("Error while serializing: I/O error: No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(InputError, match=r"cannot write .*step-00000006.* No space left .* Free some space"):
        checkpoint.save_newest(tmp_path, at(6))
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000005.safetensors"]
