"""What the face detector makes of rendered faces: found or not, and how far its points lie from the true ones, by head
turn and occluder -> results/benchmarks/syntwins_detection.csv.

Error: median over the 468 points of the distance to the true point, over the true distance of the outer eye corners;
per image. The detector's idea of a face shaped the mean head, so a small error says that the pictures are fit to be
used, not that the detector is good. Run: `python -m benchmarks.syntwins_detection`.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from twinlib.data.rendered import prepare
from twinlib.files import write_text
from twinlib.measure.exact import exact_rate
from twinlib.paths import results_dir

SETS = ("default", "study", "extremes")
YAW = (0, 15, 30, 45, 60, 75)
OUTER = (33, 263)
WANTED = {"0-15": 0.99, "15-30": 0.99, "0-30": 0.99, "30-45": 0.97, "mask": 0.85}


def measured(name: str) -> pd.DataFrame:
    """A row an image: |yaw|, occluder, found, error."""
    manifest, faces = prepare(name)
    with np.load(manifest.root / "truth.npz") as truth:
        true = truth["landmarks"].astype(float) - 0.5  # from the corner of the first pixel to its middle
    off = np.linalg.norm(faces.landmarks[:, :468] - true, axis=2)
    eyes = np.linalg.norm(true[:, OUTER[0]] - true[:, OUTER[1]], axis=1)
    images = manifest.images
    return pd.DataFrame(
        {
            "yaw": images["yaw"].abs(),
            "occluder": images["occluder"],
            "found": (faces.frame["status"] == "found").to_numpy(),
            "error": np.median(off, axis=1) / eyes,
        }
    )


def row(name: str, group: str, what: str, part: pd.DataFrame) -> tuple:
    rate = exact_rate(int(part["found"].sum()), len(part))
    error = part["error"].dropna()
    median, p95 = error.quantile([0.5, 0.95]) if len(error) else (np.nan, np.nan)
    return (name, group, what, len(part), int(part["found"].sum()), *rate[:2], WANTED.get(what, ""), median, p95)


def rows(name: str) -> list[tuple]:
    table = measured(name)
    found = [row(name, "all", "all", table)]
    for group, part in (("any cover", table), ("bare", table[table["occluder"] == "none"])):
        for low, high in (*pairwise(YAW), (0, 30)):
            here = part[part["yaw"].between(low, high, inclusive="left")]
            if len(here):
                found.append(row(name, f"|yaw|, {group}", f"{low}-{high}", here))
    for kind, part in table[table["yaw"] < 45].groupby("occluder"):
        found.append(row(name, "occluder, |yaw| below 45", str(kind), part))
    return found


def main() -> None:
    columns = ["set", "group", "bin", "images", "found", "rate", "rate_low", "wanted", "error_median", "error_p95"]
    table = pd.DataFrame([entry for name in SETS for entry in rows(name)], columns=columns)
    print(table.round(4).to_string(index=False))
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(results_dir() / "benchmarks/syntwins_detection.csv", text)


if __name__ == "__main__":
    main()
