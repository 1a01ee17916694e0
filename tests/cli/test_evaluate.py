import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from twinlib import config
from twinlib.cli import main
from twinlib.config import MODELS
from twinlib.data.importing import packable
from twinlib.data.readers import Source, read, read_bin
from twinlib.train.stored.pretrained import save

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
    save(MODELS.build(TINY), "mobilefacenet", TINY, tmp_path / "net")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    return tmp_path


def figures(capsys, *arguments):
    assert main.main(["evaluate", *map(str, arguments), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return found, {name: found[name] for name in ("accuracy", "accuracy_sd", "fold_accuracies", "auc", "eer")}


@pytest.mark.parametrize("flip", ["off", "sum", "concat"])
def test_folder_bin_npz_and_stored_embeddings_give_the_same_figures(here, capsys, flip):
    network = ("--weights", "net", "--flip", flip)
    assert main.main(["data", "pack", "faces", "pairs.txt", "x.bin"]) == 0
    assert main.main(["data", "convert", "x.bin", "x.npz", "--trust"]) == 0
    assert main.main(["embed", "faces", "e.npz", "--weights", "net"]) == 0
    capsys.readouterr()
    found, listed = figures(capsys, "--images", "faces", "--pairs", "pairs.txt", *network)
    assert (found["pairs"], found["images"], found["model"]) == (8, 12, "MobileFaceNet")
    assert found["images_per_second"] > 0
    assert figures(capsys, "--images", "x.bin", "--trust", "--folds", 4, *network)[1] == listed
    assert figures(capsys, "--images", "x.npz", "--folds", 4, *network, "--batch", 3)[1] == listed
    assert figures(capsys, "--embeddings", "e.npz", "--pairs", "pairs.txt", "--flip", flip)[1] == listed


def test_embeddings_are_raw_and_named(here):
    assert main.main(["embed", "faces", "e.npz", "--weights", "net"]) == 0
    with np.load("e.npz") as stored:
        assert stored["names"][0] == "a/a_0001.png"
        assert stored["emb"].shape == stored["emb_flip"].shape == (16, 16)
        assert stored["found"].all()
        assert (np.linalg.norm(stored["emb"], axis=1) < 0.9).all()  # not normalised


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pairs", "pairs.txt", "--weights", "net"], "no images are given"),
        (["--images", "faces", "--pairs", "pairs.txt"], "no weights are named"),
        (["--images", "faces", "--weights", "net"], "needs a pair list"),
        (["--images", "faces", "--pairs", "pairs.txt", "--weights", "none"], "none does not exist"),
        (
            ["--images", "faces", "--pairs", "pairs.txt", "--weights", "net", "--model", "vit"],
            "describes 'mobilefacenet'",
        ),
        (["--images", "x.bin", "--pairs", "pairs.txt", "--weights", "net"], "already contains its pairs"),
        (["--images", "x.bin", "--weights", "net"], "can carry code"),
        (["--embeddings", "e.npz"], "Add --pairs"),
        (["--embeddings", "e.npz", "--pairs", "pairs.txt"], "does not exist"),
        (["--embeddings", "pairs.txt", "--pairs", "pairs.txt"], "holds no embeddings"),
        (["--images", "large", "--pairs", "one.csv", "--weights", "net"], "Add --align landmarks"),
        (["--images", "faces", "--pairs", "same.csv", "--weights", "none"], "no impostor pair among 2 pairs"),
        (["--images", "faces", "--pairs", "plain.csv", "--weights", "none"], "column `fold`"),
    ],
)
def test_bad_input_is_one_line_and_code_2(here, capsys, arguments, message):
    (here / "x.bin").write_bytes(b"\x80\x04]]\x86.")
    (here / "large").mkdir()
    for name in "ab":
        Image.new("RGB", (40, 40)).save(here / "large" / f"{name}.png")
    (here / "one.csv").write_text("fold,image_a,image_b,same\n1,a.png,a.png,1\n2,a.png,b.png,0\n")
    (here / "same.csv").write_text("fold,image_a,image_b,same\n1,a_0001,a_0002,1\n2,b_0001,b_0002,1\n")
    (here / "plain.csv").write_text("image_a,image_b,same\na_0001,a_0002,1\na_0001,b_0002,0\n")
    assert main.main(["evaluate", *arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("twinlib evaluate: ")
    assert message in error


def test_the_output_of_embed_is_an_npz(here, capsys):
    assert main.main(["embed", "faces", "e.csv", "--weights", "net"]) == 2
    assert "the name must end in .npz" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.data
def test_real_pairs_from_zip_list_and_bin_give_the_reference_figures(shared_data, tmp_path, capsys, monkeypatch):
    """Four pairs of each class from two folds: of zip and list, of a .bin of the unpacked folder, and as stored."""
    lfw, net = shared_data / "lfw", shared_data / "weights/mobilefacenet_foamliu_112x112.safetensors"
    lines = (lfw / "pairs_folds01-07.txt").read_text().splitlines()
    some = [lines[start + 70 * k] for start in (1, 301, 601, 901) for k in range(4)]
    monkeypatch.chdir(tmp_path)
    Path("some.txt").write_text("\n".join(["2\t4", *some]))
    people = {part for line in some for part in line.split("\t") if not part.isdecimal()}
    with zipfile.ZipFile(lfw / "lfw112_folds01-07.zip") as archive:
        archive.extractall("faces", [name for name in archive.namelist() if name.split("/")[0] in people])
    assert main.main(["data", "pack", "faces", "some.txt", "some.bin"]) == 0
    capsys.readouterr()
    listed, _ = figures(capsys, "--images", lfw / "lfw112_folds01-07.zip", "--pairs", "some.txt", "--weights", net)
    packed, _ = figures(capsys, "--images", "some.bin", "--trust", "--folds", 2, "--weights", net)
    embeddings = shared_data / "embeddings/mobilefacenet_foam_folds01-07.npz"
    stored, _ = figures(capsys, "--embeddings", embeddings, "--pairs", "some.txt")
    assert listed["pairs"] == 16
    for name in ("accuracy", "auc", "eer", "genuine_mean", "impostor_mean", "thresholds", "fold_accuracies"):
        assert packed[name] == pytest.approx(listed[name]), name
        assert stored[name] == pytest.approx(listed[name], abs=1e-4), name


@pytest.mark.data
def test_real_bins_hold_what_zip_and_list_name(shared_data):
    """Byte strings of Python 2 and bytes of Python 3: 1,800 pairs, the same bytes, hence the same figures."""
    lfw = shared_data / "lfw"
    images, same = packable(read(Source(lfw / "lfw112_folds01-07.zip", lfw / "pairs_folds01-07.txt")))
    for name, start, stop in (("lfw_folds01-02_py2.bin", 0, 1200), ("lfw_fold03_p4.bin", 1200, 1800)):
        assert read_bin(lfw / name, trust=True) == (images[2 * start : 2 * stop], same[start:stop])


@pytest.mark.data
def test_a_real_bin_of_one_class_is_refused_before_anything_is_embedded(shared_data, capsys, monkeypatch):
    monkeypatch.setattr("twinlib.train.stored.embedding.network", None)  # any work would fail
    file = shared_data / "bin_fixture/insightface_small_lfw.bin"  # arrays of numpy
    assert main.main(["evaluate", "--images", str(file), "--trust", "--weights", "net"]) == 2
    assert "no impostor pair among 10 pairs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"emb": np.zeros((1, 4))}, "emb: wanted finite numbers, a row for each of 2 names"),
        ({"emb": np.zeros(2)}, "emb: wanted"),
        ({"emb": np.full((2, 4), np.nan)}, "emb: wanted finite"),
        ({"emb_flip": np.zeros((2, 3))}, "emb_flip: wanted"),
        ({"names": np.array(["a", "a"])}, "a name occurs twice"),
    ],
)
def test_broken_embeddings_are_one_named_error(tmp_path, capsys, change, message):
    whole = {"names": np.array(["a", "b"]), "emb": np.ones((2, 4)), "emb_flip": np.ones((2, 4))}
    np.savez(tmp_path / "e.npz", **whole | change)
    (tmp_path / "p.csv").write_text("a,b,same\na,b,1\n")
    arguments = ["evaluate", "--embeddings", str(tmp_path / "e.npz"), "--pairs", str(tmp_path / "p.csv")]
    assert main.main(arguments) == 2
    assert message in capsys.readouterr().err
    (tmp_path / "e.npz").write_bytes(b"PK\x03\x04cut")
    assert main.main(arguments) == 2
    assert "holds no embeddings" in capsys.readouterr().err
