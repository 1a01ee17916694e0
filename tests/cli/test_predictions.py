import numpy as np
import pandas as pd
import pytest
from PIL import Image

from twinlib.cli import main, predictions
from twinlib.train.stored.pretrained import save


@pytest.fixture
def faces(tmp_path, monkeypatch):
    """Twelve crops of noise of six people, an untrained network, and a pair list that it cannot get right."""
    import torch

    from twinlib import config

    rng = np.random.default_rng(0)
    (tmp_path / "faces").mkdir()
    for name in [f"{who}{i}" for who in "abcdef" for i in (1, 2)]:
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(tmp_path / f"faces/{name}.png")
    pairs = "aa ab bb bc cc cd dd de ee ef ff fa".split()
    rows = [f"{a}1.png,{b}2.png,{int(a == b)},{i % 2}" for i, (a, b) in enumerate(pairs)]
    (tmp_path / "pairs.csv").write_text("\n".join(["image_a,image_b,same,fold", *rows]))
    torch.manual_seed(0)
    cfg = config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=16)
    save(config.MODELS.build(cfg), "mobilefacenet", cfg, tmp_path / "net")
    monkeypatch.chdir(tmp_path)
    return tmp_path


EVALUATE = ["evaluate", "--pairs", "pairs.csv", "--predictions", "out/p.csv", "--pictures", "shown"]


def test_each_pair_is_written_and_drawn(faces, capsys):
    assert main.main([*EVALUATE, "--images", "faces", "--weights", "net"]) == 0
    told = capsys.readouterr().out
    table = pd.read_csv("out/p.csv")
    assert list(table) == ["image_a", "image_b", "kind", "same", "fold", "score", "threshold", "accepted", "right"]
    assert len(table) == 12
    assert ((table.accepted == table.same) == table.right).all()
    wrong = int((table.right == 0).sum())
    assert wrong > 0
    assert f"out/p.csv: 12 pairs, {wrong} judged wrong" in told
    for name in ("roc", "histogram", "worst"):
        assert Image.open(f"shown/{name}.png").text["Description"]
    assert not list(faces.rglob(".partial-*"))


def test_embeddings_have_no_pictures(faces, capsys):
    assert main.main(["embed", "faces", "e.npz", "--weights", "net"]) == 0
    assert main.main([*EVALUATE, "--embeddings", "e.npz"]) == 0
    assert "embeddings have no pictures" in capsys.readouterr().out
    assert not (faces / "shown/worst.png").exists()


def test_the_worst_are_those_furthest_beyond_the_threshold():
    table = pd.DataFrame({"same": [1, 1, 0, 0, 1], "score": [0.1, 0.2, 0.9, 0.6, 0.9], "threshold": 0.5})
    table["right"] = ((table.score >= 0.5) == table.same).astype(int)
    assert predictions.worst(table).index.tolist() == [2, 3, 0, 1]


def test_a_folder_that_cannot_be_written_is_named(faces, capsys):
    (faces / "shown").write_text("")
    assert main.main([*EVALUATE, "--images", "faces", "--weights", "net"]) == 2
    assert "shown is a file" in capsys.readouterr().err
