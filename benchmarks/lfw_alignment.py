"""MediaPipe against given five points on LFW crops, and what aligning by each does to the accuracy.

Reads the photographs of TWINLIB_DATA (or ../shared/data); writes aggregated figures alone:
results/benchmarks/lfw_alignment.csv. The crops are aligned already, by somebody else's detector: `none` takes them as
they are, `points` and `landmarks` lay them on the template again, by the given points and by MediaPipe's.

    python benchmarks/lfw_alignment.py            # all folds: many minutes of a core
    python benchmarks/lfw_alignment.py --folds 2  # accuracy on the first two
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files, paths
from twinlib.data.align import five_points
from twinlib.data.crops import by_detector, crops_of
from twinlib.data.images import read_image
from twinlib.data.landmarks import Detection, FaceMeshDetector
from twinlib.data.readers import Source, read
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
    table = pd.read_csv(data / "lfw/landmarks5_folds01-07.csv").set_index("image")
    points = table[[f"{n}_112" for n in NAMES]].to_numpy().reshape(-1, 5, 2)
    given = dict(zip(table.index, points, strict=True))
    lfw = read(Source(data / "lfw/lfw112_folds01-07.zip", data / "lfw/pairs_folds01-07.txt"))
    found = detections(lfw)
    seen = [name for name, detection in found.items() if detection.found]
    ours, theirs = (np.array(x) for x in ([five_points(found[n].landmarks) for n in seen], [given[n] for n in seen]))
    errors = np.linalg.norm(ours - theirs, axis=2)
    pairs = lfw.pairs[lfw.pairs["fold"] <= folds]
    used = sorted({*pairs["image_a"], *pairs["image_b"]})
    net = load(data / "weights/mobilefacenet_xiaoccer_112x96.safetensors")
    rows = []
    with lfw.reading() as stored:
        ways = {
            "none": lambda: crops_of(used, stored, 112),
            "points": lambda: crops_of(used, stored, 112, "points", given),
            "landmarks": lambda: (by_detector(read_image(stored(n), n), 112, lambda _, n=n: found[n]) for n in used),
        }
        for way, crops in ways.items():
            e, f, _ = features(net, crops(), len(used))
            rows.append({"align": way, **figures(joined(e, f, "sum"), used, pairs)})
            print(rows[-1], flush=True)
    common = {"network": "mobilefacenet (xiaoccer)", "images": len(found), "found": len(seen) / len(found)}
    common |= {"error_px_median": np.median(errors), "error_px_p95": np.quantile(errors, 0.95)}
    common |= {f"error_px_{part}": np.median(errors[:, i]) for i, part in enumerate(PARTS)}
    out = pd.DataFrame([row | common for row in rows]).round(6)
    with files.replacing(paths.results_dir() / "benchmarks/lfw_alignment.csv") as temporary:
        out.to_csv(temporary, index=False, lineterminator="\n")
    print(out.T.to_string())


def detections(lfw) -> dict[str, Detection]:
    names = list(lfw.images["image"])
    with lfw.reading() as stored, FaceMeshDetector() as detector:
        return {name: detector.detect(read_image(stored(name), name)) for name in progress(names, None, "detecting")}


def figures(x, used, pairs) -> dict[str, float]:
    row = {name: i for i, name in enumerate(used)}
    a, b = (pairs[side].map(row).to_numpy() for side in ("image_a", "image_b"))
    result = verify_pairs(x, a, b, pairs["same"].to_numpy(), pairs["fold"].to_numpy())
    kept = {"pairs": result.pairs, "folds": len(result.fold_accuracies), "accuracy": result.accuracy}
    return kept | {"accuracy_sd": result.accuracy_sd, "auc": result.auc, "eer": result.eer}


if __name__ == "__main__":
    main()
