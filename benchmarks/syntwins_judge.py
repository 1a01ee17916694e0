"""A judge from outside, a recogniser of real faces that never saw a rendering: how well it tells images of one person
from those of the identical twin, of a sibling, of a stranger -> results/benchmarks/syntwins_judge.csv.

Masked: only what lies inside the face counts, neither hairline nor ears nor background. Strangers share bins of sex,
age and skin tone; same palette: they share the exact colours and the hair style. Intervals: 95 %, families drawn.
Run: `python -m benchmarks.syntwins_judge`.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.rendered import Part, auc_row, ends, judge, part
from twinlib.data.protocols import candidates, draw, general_pairs, sibling_pairs, twin_pairs
from twinlib.files import write_text
from twinlib.paths import results_dir

PRESETS = {"hard": "preset-hard", "calibrated": "default", "easy": "preset-easy"}
REAL_TWINS = 0.938  # AUC that the paper reports for ArcFace on real twins


def same_palette(images: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Genuine pairs, and as many of strangers from families that share one palette."""
    twins = images[images["relation"] == "mz"]
    genuine = candidates(twins, None)
    genuine = genuine[genuine["same"] == 1]
    rng, rows = np.random.default_rng(seed), []
    for _, group in twins.groupby("palette", sort=True):
        names = list(group["family"].unique())
        for family, other in pairwise(names):
            for a in group.loc[group["family"] == family, "image"]:
                b = rng.choice(group.loc[group["family"] == other, "image"].to_numpy())
                rows.append({"image_a": a, "image_b": b, "family_a": family, "family_b": other})
    strangers = pd.DataFrame(rows).assign(same=0, kind="stranger", split="test", fold=0)
    return draw(pd.concat([genuine, strangers], ignore_index=True), "palette", seed, 24)


def protocols(images: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "twin": twin_pairs(images, seed=0),
        "sibling": sibling_pairs(images, seed=0),
        "stranger, same palette": same_palette(images),
        "stranger": general_pairs(images, seed=0),
    }


def views(images: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All images, and those like photographs taken for a comparison."""
    bare = (images["occluder"] == "none") & (images["yaw"].abs() <= 25)
    return {"all": images, "bare, turned by at most 25 degrees": images[bare]}


def rows(preset: str, here: Part, masked: bool) -> list[tuple]:
    e, found = judge(here, masked), []
    for view, images in views(here.images).items():
        for name, pairs in protocols(images).items():
            a, b = ends(pairs, here)
            scores = (e[a] * e[b]).sum(1)
            mean = [scores[pairs["same"] == same].mean() for same in (1, 0)]
            seen = "inside the face" if masked else "crop"
            found.append((preset, here.name, view, seen, name, *auc_row(pairs, scores, 0.95), len(pairs), *mean))
            print(found[-1], flush=True)
    return found


def main() -> None:
    columns = ["preset", "set", "images", "seen", "against", "auc", "auc_low", "auc_high", "families", "pairs",
               "cosine_genuine", "cosine_impostor"]  # fmt: skip
    found = [row for preset, name in PRESETS.items() for row in rows(preset, part(name), masked=False)]
    found += rows("calibrated", part(PRESETS["calibrated"]), masked=True)
    table = pd.DataFrame(found, columns=columns)
    table["real_twins"] = np.where((table["preset"] == "calibrated") & (table["against"] == "twin"), REAL_TWINS, np.nan)
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(results_dir() / "benchmarks/syntwins_judge.csv", text)


if __name__ == "__main__":
    main()
