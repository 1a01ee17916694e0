"""The whole way on a small audit that is really rendered: embeddings, export, scores, the gate."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from seen_photos import portrait

from syntwins import SETS
from syntwins.knobs import Families
from twinlib import files
from twinlib.audit import protocol
from twinlib.cli import main

pytestmark = pytest.mark.slow
pytest.importorskip("numba")


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Every set of the audit with few families, and a folder to work in."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("build")
        for name in (protocol.MAIN, *protocol.CAUSES, protocol.WIDE):
            count = {"mz": 8, "sibling": 2, "single": 2} if name == protocol.MAIN else {"mz": 2, "sibling": 0}
            small = Families(dz=0, images=4, **count)
            patch.setitem(SETS, name, replace(SETS[name], test=small))
        patch.setenv("TWINLIB_BUILD", str(folder))
        patch.chdir(folder)
        (folder / "photos").mkdir()
        for i in range(3):
            Image.fromarray(portrait()).resize((400 - 60 * i,) * 2).save(folder / f"photos/{i}.png")
        (folder / "photos/mine.csv").write_text("image_a,image_b,same\n0.png,1.png,1\n0.png,2.png,1\n")
        yield folder


def test_an_onnx_file_is_audited_and_compared_with_itself(build, capsys):
    pytest.importorskip("onnxruntime")
    from twinlib.faces.detect.weights import SFACE, shipped

    (build / "sface.onnx").write_bytes(shipped(SFACE))
    given = ["audit", "--onnx", "sface.onnx", "--input", "sface", "--workers", "2", "--pairs", "photos/mine.csv"]
    assert main.main([*given, "--score-threshold", "0.363", "--out", "first"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("shift: rendered strangers score")
    assert "embedding" in told.err
    report = json.loads((build / "first/audit.json").read_text())
    assert report["version"]["sets"].keys() == {protocol.MAIN, *protocol.CAUSES, protocol.WIDE}
    assert report["auc"]["twin"] < report["auc"]["stranger"]
    assert report["own"]["fnmr"]["value"] == 0.0
    assert report["own"]["threshold"] == 0.363
    assert "First, the shift" in (build / "first/audit.html").read_text()
    assert main.main([*given, "--out", "again", "--against", "first/audit.json"]) == 0
    again = json.loads((build / "again/audit.json").read_text())
    assert [again[name] for name in ("rates", "gallery", "policies")] == [
        report[name] for name in ("rates", "gallery", "policies")
    ]

    for row in report["rates"]:  # a baseline that was better
        row["twin"] |= {"value": 0.0, "low": 0.0, "high": 0.0}
    files.write_json(build / "better.json", report)
    assert main.main([*given, "--out", "again", "--against", "better.json"]) == 1
    assert "worse: at FMR 0.01 of strangers, twins pass at" in capsys.readouterr().out


def test_what_is_exported_can_be_scored_elsewhere_and_comes_back(build, capsys):
    assert main.main(["audit", "--export", "out", "--workers", "2"]) == 0
    assert "Add a column score" in capsys.readouterr().out
    with (build / "out/pairs.csv").open() as file:
        pairs = list(csv.DictReader(file))
    names = sorted({row[side] for row in pairs for side in ("image_a", "image_b")})
    e = np.stack([np.asarray(Image.open(build / "out" / name).resize((8, 8)), np.float32).ravel() for name in names])
    e -= e.mean(0)
    np.savez(build / "e.npz", names=names, emb=e)
    unit = dict(zip(names, e / np.linalg.norm(e, axis=1, keepdims=True), strict=True))
    with (build / "scores.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image_a", "image_b", "score"])
        writer.writerows([a := row["image_a"], b := row["image_b"], float(unit[a] @ unit[b])] for row in pairs)
    assert main.main(["audit", "--embeddings", "e.npz", "--out", "by_embeddings"]) == 0
    assert main.main(["audit", "--scores", "scores.csv", "--out", "by_scores"]) == 0
    one, other = (json.loads((build / name / "audit.json").read_text()) for name in ("by_embeddings", "by_scores"))
    assert one["auc"] == pytest.approx(other["auc"], abs=1e-4)
    assert isinstance(one["gallery"], list)
    assert "need embeddings" in other["gallery"]
    ends = [(row["image_a"], row["image_b"]) for row in pairs]
    away = (build / "scores.csv").read_text().splitlines()
    turned = [f"{a},{b},{float(a.rpartition('-')[0] != b.rpartition('-')[0])}" for a, b in ends]
    (build / "distances.csv").write_text("\n".join([away[0], *turned]))
    assert main.main(["audit", "--scores", "distances.csv", "--out", "by_scores"]) == 2
    assert "distances.csv: strangers score higher than one person" in capsys.readouterr().err
    (build / "scores.csv").write_text("\n".join([away[0], *(f"{a},{b},0.5" for a, b in ends)]))
    assert main.main(["audit", "--scores", "scores.csv", "--out", "by_scores"]) == 2
    assert "pairs score 0.5. Find out what" in capsys.readouterr().err
    (build / "scores.csv").write_text("image_a,image_b,score\na,b,1\n")
    assert main.main(["audit", "--scores", "scores.csv", "--out", "by_scores"]) == 2
    assert "scores.csv lacks" in capsys.readouterr().err
