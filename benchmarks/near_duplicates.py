"""How many bits of a fingerprint change when a picture is saved again, and how many differ between two pictures.

Reads the photographs of TWINLIB_DATA (or ../shared/data); writes aggregated figures alone:
results/benchmarks/near_duplicates.csv, a row a way of changing 1,000 of LFW's crops, and one of every two crops.
Aligned crops are the hardest case to tell apart: in all of them the eyes and the mouth lie in the same cells.

    python benchmarks/near_duplicates.py  # 40 s of a core
"""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageEnhance

from twinlib import files, paths
from twinlib.data.check.facts import NEAR, fingerprint
from twinlib.faces.photos import PhotoReader, list_photos
from twinlib.progress import progress

CHANGED = 1000  # pictures, evenly chosen


def main() -> None:
    data = Path(os.environ.get("TWINLIB_DATA") or paths.project_root().parent / "shared/data")
    photos = list_photos(data / "lfw/lfw112_folds01-07.zip")
    with PhotoReader(photos.source) as reader:
        crops = [Image.fromarray(reader.read(path)) for path in progress(photos.paths, None, "reading", "image")]
    prints = np.stack([bits(crop) for crop in crops])
    rows = []
    chosen = np.linspace(0, len(crops) - 1, CHANGED).astype(int)
    for name, change in CHANGES.items():
        rows.append(row(name, [int((bits(change(crops[i])) != prints[i]).sum()) for i in chosen]))
    rows.append(row("another picture", between(prints)))
    out = pd.DataFrame(rows)
    with files.replacing(paths.results_dir() / "benchmarks/near_duplicates.csv") as temporary:
        out.to_csv(temporary, index=False, lineterminator="\n")
    print(out.to_string(index=False))


def bits(image: Image.Image) -> np.ndarray:
    """The 256 bits of a picture."""
    return np.unpackbits(fingerprint(image.convert("L")))


def between(prints: np.ndarray) -> np.ndarray:
    """Distances of every two pictures."""
    signs = prints.astype(np.float32) * 2 - 1
    return ((256 - signs @ signs.T) / 2)[np.triu_indices(len(signs), 1)]


def row(change: str, distances: list[int] | np.ndarray) -> dict[str, object]:
    """Quantiles of the distances, and how many pairs count as one picture."""
    found = np.asarray(distances)
    named = {"least": found.min(), "median": np.median(found), "p99": np.quantile(found, 0.99), "most": found.max()}
    plain = {name: round(float(value), 1) for name, value in named.items()}
    return {"change": change, "pairs": len(found)} | plain | {"near": int((found <= NEAR).sum())}


def saved(quality: int) -> Callable[[Image.Image], Image.Image]:
    """A picture saved as JPEG."""

    def change(image: Image.Image) -> Image.Image:
        image.save(buffer := io.BytesIO(), "jpeg", quality=quality)
        return Image.open(buffer)

    return change


def cut(share: float) -> Callable[[Image.Image], Image.Image]:
    """A picture without its margins, each `share` of a side."""

    def change(image: Image.Image) -> Image.Image:
        width, height = image.size
        x, y = round(width * share), round(height * share)
        return image.crop((x, y, width - x, height - y))

    return change


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "jpeg 75": saved(75),
    "jpeg 30": saved(30),
    "half size": lambda image: image.resize((56, 56), Image.Resampling.BILINEAR),
    "double size": lambda image: image.resize((224, 224), Image.Resampling.BICUBIC),
    "half size, jpeg 30": lambda image: saved(30)(image.resize((56, 56), Image.Resampling.BILINEAR)),
    "darker by a fifth": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "brighter by a fifth": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "margins of 2 % cut": cut(0.02),
    "margins of 5 % cut": cut(0.05),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


if __name__ == "__main__":
    main()
