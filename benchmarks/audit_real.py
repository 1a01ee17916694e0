"""Do rendered figures predict real ones? The recognisers of `results/audit/` on real faces -> results/audit/real.json.

LFW (folds 1 to 7 of ten, no mirror image) and 25 crops of relatives in the folder named by TWINLIB_DATA. Figures of the
two MobileFaceNet files come from the stored embeddings of crops as published, those of SFace from
results/benchmarks/verify_lfw.csv, where YuNet had aligned the faces. Relatives are judged at the threshold of LFW's
strangers. Run: `python -m benchmarks.audit_real`.
"""

import io
import zipfile

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.audit_recognisers import WEIGHTS, exported, shared
from twinlib import files, paths
from twinlib.audit.given.onnx_file import OnnxFile
from twinlib.audit.given.presets import preset
from twinlib.data.pairs import lfw_pairs
from twinlib.faces.detect.weights import SFACE
from twinlib.measure.exact import exact_rate
from twinlib.measure.kfold import kfold_accuracy
from twinlib.measure.metrics import auc, tar_at_far
from twinlib.verify.calibrated import shipped

STORED = {"mobilefacenet_xiaoccer": "xiaoccer", "mobilefacenet_foamliu": "foam"}
FAR = 0.01  # of LFW's strangers


def cosines(e: dict[str, np.ndarray], pairs: pd.DataFrame) -> np.ndarray:
    return np.array([float(e[a] @ e[b]) for a, b in zip(pairs["image_a"], pairs["image_b"], strict=True)])


def lfw(name: str, pairs: pd.DataFrame) -> dict:
    """Figures on LFW: from the stored embeddings, or for SFace from what benchmarks/verify_lfw.py recorded."""
    if name not in STORED:
        told = pd.read_csv(paths.results_dir() / "benchmarks/verify_lfw.csv").iloc[0]
        scale = shipped().scale
        threshold = next(s for s, fmr in zip(scale["score"], scale["fmr"], strict=True) if fmr <= FAR)
        return {"lfw_accuracy": told["accuracy"], "lfw_auc": told["auc"], "lfw_fnmr": 1 - told[f"tar_at_far_{FAR}"],
                "threshold": threshold, "lfw_pairs": int(told["pairs"]), "aligned_by": "YuNet"}  # fmt: skip
    with np.load(shared() / f"embeddings/mobilefacenet_{STORED[name]}_folds01-07.npz") as stored:
        rows = stored["emb"].astype(np.float64)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        scores = cosines(dict(zip(stored["names"].astype(str), rows, strict=True)), pairs)
    same = pairs["same"].to_numpy()
    at = tar_at_far(scores, same, FAR)
    return {"lfw_accuracy": kfold_accuracy(scores, same, pairs["fold"].to_numpy()).mean, "lfw_auc": auc(scores, same),
            "lfw_fnmr": 1 - at.value, "threshold": at.threshold, "lfw_pairs": len(pairs),
            "aligned_by": "as published"}  # fmt: skip


def row(name: str, network: OnnxFile, pairs: pd.DataFrame, kin: pd.DataFrame) -> dict:
    found = lfw(name, pairs)
    with zipfile.ZipFile(shared() / "kin_mini/kin112.zip") as archive:
        names = sorted({*kin["image_a"], *kin["image_b"]})
        e = network(np.stack([np.asarray(Image.open(io.BytesIO(archive.read(one))).convert("RGB")) for one in names]))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    near, kind = cosines(dict(zip(names, e, strict=True)), kin), kin["relation"].to_numpy()
    for relation in ("self", "twin", "sibling", "parent_child"):
        passed = near[kind == relation] > found["threshold"]
        found[f"kin_{relation}"] = exact_rate(int(passed.sum()), len(passed))._asdict() | {"pairs": len(passed)}
    used = np.isin(kind, ("self", "sibling"))
    found["kin_sibling_auc"] = auc(near[used], (kind == "self")[used].astype(int))
    return found


def main() -> None:
    pairs = lfw_pairs(shared() / "lfw/pairs_folds01-07.csv")
    kin = pd.read_csv(shared() / "kin_mini/kin_pairs.csv")
    given = {"sface": (paths.package_dir() / "weights" / SFACE.file, "sface")}
    given |= {name: exported(name) for name in WEIGHTS}
    found = {name: row(name, OnnxFile(file, preset(wanted)), pairs, kin) for name, (file, wanted) in given.items()}
    files.write_json(paths.results_dir() / "audit/real.json", found)
    print(pd.DataFrame(found).T.to_string())


if __name__ == "__main__":
    main()
