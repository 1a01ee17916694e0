"""MediaPipe against given five points on LFW crops, and what aligning by each does to the accuracy.

Reads the photographs of TWINLIB_DATA (or ../shared/data); writes aggregated figures alone:
results/benchmarks/lfw_alignment.csv. The crops are aligned already, by somebody else's detector: `none` takes them as
they are, `points` and `landmarks` lay them on the template again, by the given points and by MediaPipe's. Points that
were found are kept in build/, so that a second run only embeds.

    python benchmarks/lfw_alignment.py            # all folds: about ten minutes of a core
    python benchmarks/lfw_alignment.py --folds 2  # accuracy on the first two; 0: points alone
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files, paths
from twinlib.data.align import TEMPLATE_112, five_points
from twinlib.data.crops import crops_of
from twinlib.data.images import read_image
from twinlib.data.landmarks import FaceMeshDetector
from twinlib.data.readers import Collection, Source, read
from twinlib.evaluate.features import features
from twinlib.evaluate.verification import joined, verify_pairs
from twinlib.models.pretrained import load
from twinlib.progress import progress

NAMES = ("lex", "ley", "rex", "rey", "nox", "noy", "mlx", "mly", "mrx", "mry")
PARTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--folds", type=int, default=7)
    folds = arguments.parse_args().folds
    data = Path(os.environ.get("TWINLIB_DATA") or paths.project_root().parent / "shared/data")
    lfw = read(Source(data / "lfw/lfw112_folds01-07.zip", data / "lfw/pairs_folds01-07.txt"))
    names = list(lfw.images["image"])
    table = pd.read_csv(data / "lfw/landmarks5_folds01-07.csv").set_index("image").loc[names]
    given, ours = table[[f"{n}_112" for n in NAMES]].to_numpy().reshape(-1, 5, 2), detected(lfw, names)
    found = np.isfinite(ours).all((1, 2))
    common = compared(ours[found], given[found]) | {"images": len(names), "found": found.mean()}
    ours[~found] = TEMPLATE_112  # a crop in which nothing is found is taken as it is
    rows = [{"align": "landmarks"}] if folds == 0 else []
    if folds:
        pairs = lfw.pairs[lfw.pairs["fold"] <= folds]
        net = load(data / "weights/mobilefacenet_xiaoccer_112x96.safetensors")
        for way, points in (("none", None), ("points", given), ("landmarks", ours)):
            rows.append(
                {"align": way, "network": "mobilefacenet (xiaoccer)", **accuracy(net, lfw, pairs, names, points)}
            )
            print(rows[-1], flush=True)
    out = pd.DataFrame([row | common for row in rows]).round(6)
    with files.replacing(paths.results_dir() / "benchmarks/lfw_alignment.csv") as temporary:
        out.to_csv(temporary, index=False, lineterminator="\n")
    print(out.T.to_string())


def detected(lfw: Collection, names: list[str]) -> np.ndarray:
    """Five points of MediaPipe in each crop, px; NaN where it finds nothing."""
    kept = paths.build_dir() / "lfw_alignment.npy"
    if kept.is_file():
        return np.load(kept)
    with lfw.reading() as stored, FaceMeshDetector() as detector:
        looks = (detector.detect(read_image(stored(n), n)) for n in progress(names, None, "detecting", "image"))
        points = np.array([five_points(d.landmarks) if d.found else np.full((5, 2), np.nan) for d in looks])
    with files.replacing(kept) as temporary:
        np.save(temporary, points)
    return points


def compared(ours: np.ndarray, given: np.ndarray) -> dict[str, float]:
    """Distances of the two sets of points, px of a 112 px crop."""
    errors = np.linalg.norm(ours - given, axis=2)
    by_part = {f"error_px_{part}": np.median(errors[:, i]) for i, part in enumerate(PARTS)}
    return {"error_px_median": np.median(errors), "error_px_p95": np.quantile(errors, 0.95)} | by_part


def accuracy(
    net, lfw: Collection, pairs: pd.DataFrame, names: list[str], points: np.ndarray | None
) -> dict[str, float]:
    """Figures of the pairs with the crops aligned by points, or taken as they are."""
    used = sorted({*pairs["image_a"], *pairs["image_b"]})
    by_name = None if points is None else dict(zip(names, points, strict=True))
    with lfw.reading() as stored:
        e, f, _ = features(net, crops_of(used, stored, 112, "none" if points is None else "points", by_name), len(used))
    row = {name: i for i, name in enumerate(used)}
    a, b = (pairs[side].map(row).to_numpy() for side in ("image_a", "image_b"))
    result = verify_pairs(joined(e, f, "sum"), a, b, pairs["same"].to_numpy(), pairs["fold"].to_numpy())
    kept = {"pairs": result.pairs, "folds": len(result.fold_accuracies), "accuracy": result.accuracy}
    return kept | {"accuracy_sd": result.accuracy_sd, "auc": result.auc, "eer": result.eer}


if __name__ == "__main__":
    main()
