import numpy as np
import pytest
import torch
from PIL import Image

from twinlib import config
from twinlib.cli import evaluate, main
from twinlib.config import MODELS
from twinlib.errors import InputError
from twinlib.train.stored import embedding
from twinlib.train.stored.pretrained import save

TINY = config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=16)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Eleven pictures and a tiny network."""
    rng = np.random.default_rng(0)
    (tmp_path / "faces").mkdir()
    for i in range(11):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(tmp_path / f"faces/{i:02d}.png")
    torch.manual_seed(0)
    save(MODELS.build(TINY), "mobilefacenet", TINY, tmp_path / "net")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(embedding, "PART", 4)
    return tmp_path


def arrays(file):
    with np.load(file) as stored:
        return {name: stored[name] for name in stored.files}


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_parts_are_whole_batches_and_what_was_done_before_a_kill_is_kept(here, monkeypatch):
    assert main.main(["embed", "faces", "one.npz", "--weights", "net", "--batch", "3"]) == 0
    asked, original = [], embedding.EmbedStep.rows

    def rows(step, items):
        asked.append(list(items))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return original(step, items)

    monkeypatch.setattr(embedding.EmbedStep, "rows", rows)
    command = ["embed", "faces", "cut.npz", "--weights", "net", "--batch", "3"]
    assert main.main(command) == 130
    assert not (here / "cut.npz").exists()
    assert main.main(command) == 0
    assert asked == [[*range(6)], [*range(6, 11)], [*range(6, 11)]]  # two batches of three hold the four wanted
    assert same(arrays("cut.npz"), arrays("one.npz"))
    assert sorted(path.name for path in here.iterdir()) == ["cut.npz", "faces", "net", "one.npz"]
    assert arrays("one.npz")["emb"].shape == (11, 16)


def test_several_processes_give_the_arrays_of_one(here):
    for workers, file in ((1, "one.npz"), (2, "two.npz")):
        assert main.main(["embed", "faces", file, "--weights", "net", "--batch", "2", "--workers", str(workers)]) == 0
    assert same(arrays("two.npz"), arrays("one.npz"))


def test_parts_of_other_weights_are_not_joined(here, monkeypatch):
    step = embedding.EmbedStep("faces", None, "net", None, "none", False, "cpu", 2, False)
    with step:
        one = step.key()
        next(iter(step.net.parameters())).data.add_(1)
        assert step.key() != one


def test_another_ending_is_refused(here):
    with pytest.raises(InputError, match=r"the name must end in \.npz"):
        evaluate.embed("faces", "e.npy", weights="net")
