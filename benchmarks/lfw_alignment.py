"""MediaPipe against given five points on LFW crops, and what aligning by each does to the accuracy.

Reads the photographs of TWINLIB_DATA (or ../shared/data); writes aggregated figures alone:
results/benchmarks/lfw_alignment.csv. The crops are aligned already, by somebody else's detector, and the given points
were laid on the template when they were mapped into the crops: aligning by them again moves no corner of a crop by more
than `points_move_px`, so `points` are the crops as they are, whose embeddings are stored. `landmarks` lays MediaPipe's
points on the template. Points that were found are kept in build/, so that a second run only embeds.

    python benchmarks/lfw_alignment.py            # all folds: about ten minutes of a core
    python benchmarks/lfw_alignment.py --folds 2  # accuracy on the first two; 0: points alone
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files, paths
from twinlib.data.readers import Collection, Source, read
from twinlib.faces.align import TEMPLATE_112, five_points, similarity, transform
from twinlib.faces.crops import crops_of
from twinlib.faces.detect.landmarks import FaceMeshDetector
from twinlib.faces.images import read_image
from twinlib.measure.bootstrap import Interval, bootstrap_by, bootstrap_difference
from twinlib.measure.kfold import cosine
from twinlib.measure.verification import joined, verify_pairs
from twinlib.models.features import features
from twinlib.progress import progress
from twinlib.train.stored.pretrained import load

NAMES = ("lex", "ley", "rex", "rey", "nox", "noy", "mlx", "mly", "mrx", "mry")
PARTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
WEIGHTS = {"foam": "mobilefacenet_foamliu_112x112", "xiaoccer": "mobilefacenet_xiaoccer_112x96"}


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
    common |= {"points_move_px": moved(given).max(), "landmarks_move_px": np.median(moved(ours[found]))}
    ours[~found] = TEMPLATE_112  # a crop in which nothing is found is taken as it is
    pairs = lfw.pairs[lfw.pairs["fold"] <= folds]
    rows: list[dict] = []
    for network in WEIGHTS if folds else ():
        rows += by_alignment(network, data, lfw, pairs, dict(zip(names, ours, strict=True)))
        written(rows, common)
    written(rows or [{"align": "landmarks"}], common)


def by_alignment(network: str, data: Path, lfw: Collection, pairs: pd.DataFrame, points: dict) -> list[dict]:
    """A row for the crops as they are and one for MediaPipe's alignment, with what the second gains."""
    used = sorted({*pairs["image_a"], *pairs["image_b"]})
    with np.load(data / f"embeddings/mobilefacenet_{network}_folds01-07.npz") as stored:
        row = {name: i for i, name in enumerate(stored["names"])}
        at = [row[name] for name in used]
        as_given = joined(stored["emb"][at], stored["emb_flip"][at], "sum")
    net = load(data / f"weights/{WEIGHTS[network]}.safetensors")
    began = time.process_time()
    with lfw.reading() as read_bytes:
        e, f, _ = features(net, crops_of(used, read_bytes, 112, "points", points), len(used))
    speed = 2 * len(used) / (time.process_time() - began)  # processor time: other work on the machine is not counted
    plain, before = figures(as_given, used, pairs)
    again, after = figures(joined(e, f, "sum"), used, pairs)
    gain = ends("auc_gain", bootstrap_difference(pairs, after, before, "auc"))
    named = {"network": f"mobilefacenet ({network})"}
    return [
        {"align": "points"} | named | plain,
        {"align": "landmarks"} | named | again | gain | {"images_per_cpu_second": speed},
    ]


def figures(x: np.ndarray, used: list[str], pairs: pd.DataFrame) -> tuple[dict[str, float], np.ndarray]:
    """Figures and scores of the pairs from features of the images `used`."""
    row = {name: i for i, name in enumerate(used)}
    a, b = (pairs[side].map(row).to_numpy() for side in ("image_a", "image_b"))
    result = verify_pairs(x, a, b, pairs["same"].to_numpy(), pairs["fold"].to_numpy())
    scores = cosine(x[a], x[b])
    kept = {"pairs": result.pairs, "folds": len(result.fold_accuracies), "accuracy": result.accuracy}
    kept |= {"accuracy_sd": result.accuracy_sd, "eer": result.eer}
    return kept | ends("auc", bootstrap_by(pairs, scores, "auc")), scores


def ends(name: str, interval: Interval) -> dict[str, float]:
    """A value with the ends of its interval; people are drawn."""
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def written(rows: list[dict], common: dict[str, float]) -> None:
    """Write and print what is known so far."""
    out = pd.DataFrame([row | common for row in rows]).round(6)
    with files.replacing(paths.results_dir() / "benchmarks/lfw_alignment.csv") as temporary:
        out.to_csv(temporary, index=False, lineterminator="\n")
    print(out.T.to_string(), flush=True)


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


def moved(points: np.ndarray) -> np.ndarray:
    """How far the alignment by each five points moves the corners of its crop, px, the mean of the four."""
    corners = np.array([[0.0, 0.0], [112.0, 0.0], [0.0, 112.0], [112.0, 112.0]])
    onto = [transform(corners, similarity(five.astype(np.float64), TEMPLATE_112)) for five in points]
    return np.linalg.norm(np.array(onto) - corners, axis=2).mean(1)


if __name__ == "__main__":
    main()
