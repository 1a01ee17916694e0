import json

import numpy as np
import pytest
import torch
from PIL import Image

from twinlib import config
from twinlib.models import build
from twinlib.models.pretrained import save
from twinlib.serve import cli

TINY = config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=16)
PEOPLE = "abcdefgh"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Eight people of one colour each, two crops of 32 px; a tiny network; pair lists and a .bin."""
    rng = np.random.default_rng(0)
    for who in PEOPLE:
        own = rng.integers(0, 256, (4, 4, 3)).repeat(8, 0).repeat(8, 1)
        for i in (1, 2):
            file = tmp_path / "faces" / who / f"{who}_000{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            noise = rng.integers(-20, 20, own.shape)
            Image.fromarray(np.clip(own + noise, 0, 255).astype(np.uint8)).save(file)
    lines = [line for a, b in ("ab", "cd", "ef", "gh") for line in (f"{a}\t1\t2", f"{a}\t1\t{b}\t1")]
    (tmp_path / "pairs.txt").write_text("\n".join(["4\t1", *lines]))
    torch.manual_seed(0)
    save(build("mobilefacenet", TINY), "mobilefacenet", TINY, tmp_path / "net")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    return tmp_path


def figures(capsys, *arguments):
    assert cli.main(["evaluate", *map(str, arguments), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return found, {name: found[name] for name in ("accuracy", "accuracy_sd", "fold_accuracies", "auc", "eer")}


@pytest.mark.parametrize("flip", ["off", "sum", "concat"])
def test_folder_bin_npz_and_stored_embeddings_give_the_same_figures(here, capsys, flip):
    network = ("--weights", "net", "--flip", flip)
    assert cli.main(["data", "pack", "faces", "pairs.txt", "x.bin"]) == 0
    assert cli.main(["data", "convert", "x.bin", "x.npz", "--trust"]) == 0
    assert cli.main(["embed", "faces", "e.npz", "--weights", "net"]) == 0
    capsys.readouterr()
    found, listed = figures(capsys, "--images", "faces", "--pairs", "pairs.txt", *network)
    assert (found["pairs"], found["images"], found["model"]) == (8, 12, "MobileFaceNet")
    assert found["images_per_second"] > 0
    assert figures(capsys, "--images", "x.bin", "--trust", "--folds", 4, *network)[1] == listed
    assert figures(capsys, "--images", "x.npz", "--folds", 4, *network, "--batch", 3)[1] == listed
    assert figures(capsys, "--embeddings", "e.npz", "--pairs", "pairs.txt", "--flip", flip)[1] == listed


def test_embeddings_are_raw_and_named(here):
    assert cli.main(["embed", "faces", "e.npz", "--weights", "net"]) == 0
    with np.load("e.npz") as stored:
        assert stored["names"][0] == "a/a_0001.png"
        assert stored["emb"].shape == stored["emb_flip"].shape == (16, 16)
        assert stored["found"].all()
        assert (np.linalg.norm(stored["emb"], axis=1) < 0.9).all()  # not normalised


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pairs", "pairs.txt", "--weights", "net"], "no images are named"),
        (["--images", "faces", "--pairs", "pairs.txt"], "no weights are named"),
        (["--images", "faces", "--weights", "net"], "needs a pair list"),
        (["--images", "faces", "--pairs", "pairs.txt", "--weights", "none"], "none does not exist"),
        (
            ["--images", "faces", "--pairs", "pairs.txt", "--weights", "net", "--model", "vit"],
            "describes 'mobilefacenet'",
        ),
        (["--images", "x.bin", "--pairs", "pairs.txt", "--weights", "net"], "holds its own pairs"),
        (["--images", "x.bin", "--weights", "net"], "can carry code"),
        (["--embeddings", "e.npz"], "Add --pairs"),
        (["--embeddings", "e.npz", "--pairs", "pairs.txt"], "does not exist"),
        (["--embeddings", "pairs.txt", "--pairs", "pairs.txt"], "holds no embeddings"),
        (["--images", "large", "--pairs", "one.csv", "--weights", "net"], "Add --align landmarks"),
    ],
)
def test_bad_input_is_one_line_and_code_2(here, capsys, arguments, message):
    (here / "x.bin").write_bytes(b"\x80\x04]]\x86.")
    (here / "large").mkdir()
    for name in "ab":
        Image.new("RGB", (40, 40)).save(here / "large" / f"{name}.png")
    (here / "one.csv").write_text("image_a,image_b,same\na.png,b.png,1\n")
    assert cli.main(["evaluate", *arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("twinlib evaluate: ")
    assert message in error


def test_the_output_of_embed_is_an_npz(here, capsys):
    assert cli.main(["embed", "faces", "e.csv", "--weights", "net"]) == 2
    assert "wanted an ending of .npz" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.data
def test_a_real_fold_from_bin_and_from_zip(shared_data, tmp_path, capsys, monkeypatch):
    """Fold 3 as ten folds: from zip and list, from a .bin of it, and the pooled figures of the given .bin."""
    lfw, net = shared_data / "lfw", shared_data / "weights/mobilefacenet_xiaoccer_112x96.safetensors"
    lines = (lfw / "pairs_folds01-07.txt").read_text().splitlines()
    order = [line for k in range(10) for start in (1201, 1501) for line in lines[start + 30 * k :][:30]]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fold3.txt").write_text("\n".join(["10\t30", *order]))
    assert cli.main(["data", "pack", str(lfw / "lfw112_folds01-07.zip"), "fold3.txt", "ten.bin"]) == 0
    capsys.readouterr()
    weights = ("--model", "mobilefacenet", "--weights", net)
    listed = figures(capsys, "--images", lfw / "lfw112_folds01-07.zip", "--pairs", "fold3.txt", *weights)[1]
    packed = figures(capsys, "--images", "ten.bin", "--trust", *weights)[1]
    assert packed.pop("fold_accuracies") == pytest.approx(listed.pop("fold_accuracies"))
    assert packed == pytest.approx(listed)
    given = figures(capsys, "--images", lfw / "lfw_fold03_p4.bin", "--trust", *weights)[0]
    assert (given["pairs"], given["auc"], given["eer"]) == (
        600,
        *(pytest.approx(listed[name]) for name in ("auc", "eer")),
    )
    assert listed["accuracy"] == pytest.approx(0.99, abs=0.002)  # of the stored embeddings
