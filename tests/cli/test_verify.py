import json
from itertools import combinations

import numpy as np
import pytest
import torch
from PIL import Image
from seen_photos import portrait

from twinlib import config
from twinlib.cli import main
from twinlib.config import MODELS
from twinlib.train.stored.pretrained import save

TINY = config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=16)
ALIGNED = ("--align", "none")
NET, NOTHING = ("--weights", "net"), ("--weights", "nothing")
CALIBRATE = ("calibrate", "net", "faces", *ALIGNED)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """24 noise crops, each with a brighter copy; all pairs of crops; a tiny network."""
    rng = np.random.default_rng(0)
    (tmp_path / "faces").mkdir()
    for i in range(24):
        pixels = rng.integers(0, 200, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"faces/{i:02d}.png")
        Image.fromarray(pixels + np.uint8(1)).save(tmp_path / f"faces/{i:02d}b.png")
    lines = [f"{i:02d}.png,{i:02d}b.png,1,self" for i in range(24)]
    kinds = {(i, j): "twin" if j - i == 1 else "stranger" for i, j in combinations(range(24), 2)}
    lines += [f"{i:02d}.png,{j:02d}.png,0,{kind}" for (i, j), kind in kinds.items()]
    (tmp_path / "pairs.csv").write_text("\n".join(["image_a,image_b,same,kind", *lines]))
    torch.manual_seed(0)
    save(MODELS.build(TINY), "mobilefacenet", TINY, tmp_path / "net")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_calibrate_then_verify(here, capsys):
    assert main.main([*CALIBRATE, "--pairs", "pairs.csv", "--target_fmr", "0.05"]) == 0
    said = capsys.readouterr().out
    assert "276 impostor pairs" in said
    assert "by kind: stranger" in said
    stored = json.loads((here / "net/calibration.json").read_text())
    assert stored["fmr_by_kind"].keys() == {"stranger", "twin"}
    assert stored["align"] == "none"
    least, most = (f"{value:.4f}" for value in (stored["threshold"], 1 - stored["threshold"]))
    assert f"accepted is a score {least} or more, distance {most} or less" in said
    assert "note:" not in said
    assert main.main(["verify", "faces/00.png", "faces/00b.png", *NET]) == 2
    assert "chosen with --align none, not landmarks" in capsys.readouterr().err
    assert main.main(["verify", "faces/00.png", "faces/00b.png", *NET, *ALIGNED]) == 0
    assert capsys.readouterr().out.startswith("one person: score 1.0000, threshold")
    assert main.main(["verify", "faces/00.png", "faces/07.png", *NET, *ALIGNED, "--json", "--threshold=0"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["verified"], found["threshold_source"], found["fmr_at_threshold"]) == (False, "argument", None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "faces/00.png", "faces/01.png", *NET, *ALIGNED], "this network has no threshold"),
        (
            ["verify", "faces/00.png", "none.png", *NET, "--threshold", "0.5", *ALIGNED],
            "none.png does not exist",
        ),
        *(
            (
                ["verify", "faces/00.png", "faces/01.png", *NOTHING, f"--threshold={value}"],
                "from 0 to 2; found",
            )
            for value in ("-1", "2.5", ".inf", "-.inf", ".nan")
        ),
        (["verify", "faces/00.png", "faces/01.png", *NOTHING, *ALIGNED], "nothing does not exist"),
        (["calibrate", "net", "faces", "--pairs", "pairs.csv", *ALIGNED], "impostor pairs"),
        (
            ["calibrate", "net", "faces", "--pairs", "pairs.csv", "--kind", "sibling", *ALIGNED],
            "there is no sibling pair",
        ),
        (["calibrate", "faces", "faces", "--pairs", "pairs.csv"], "holds no model.safetensors"),
    ],
)
def test_bad_input_is_code_2(here, capsys, arguments, message):
    assert main.main(arguments) == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
    assert not (here / "net/calibration.json").exists()


def test_defaults_of_the_three_commands_agree_and_a_list_without_kinds_is_told(here, capsys):
    from inspect import signature

    from twinlib.cli.verify import calibrate, verify
    from twinlib.verify.web.service import serve

    assert {signature(command).parameters["align"].default for command in (calibrate, verify, serve)} == {"landmarks"}
    lines = (here / "pairs.csv").read_text().splitlines()
    (here / "plain.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines))
    assert main.main([*CALIBRATE, "--pairs", "plain.csv", "--target_fmr", "0.05"]) == 0
    assert "note: without a kind, every impostor pair counts as strangers" in capsys.readouterr().out


def test_two_photographs_with_the_pair_that_ships(tmp_path, monkeypatch, capsys):
    photo = Image.fromarray(portrait())
    monkeypatch.chdir(tmp_path)
    photo.save("a.png")
    photo.rotate(180).save("b.jpg")
    photo.resize((90, 90)).save("small.png")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    noise.save("nobody.png")
    assert main.main(["verify", "a.png", "b.jpg", "--picture", "out.png"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("one person: score 0.9")
    assert "LFW folds 1 to 7" in told
    assert "see also: " in told
    with Image.open("out.png") as drawn:
        assert drawn.size[0] == 720
    assert main.main(["verify", "a.png", "b.jpg", "--threshold", "0"]) == 1
    assert main.main(["verify", "small.png", "a.png"]) == 3
    told = capsys.readouterr().out
    assert "cannot tell: score" in told
    assert "reason: a: the face is" in told
    assert main.main(["verify", "nobody.png", "a.png", "--picture", "no.png"]) == 2
    assert "nobody.png: no face found" in capsys.readouterr().err
    assert not (tmp_path / "no.png").exists()
