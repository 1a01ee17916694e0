"""From which size, blur, turn and cut on `verify` must not answer: LFW's faces made worse, with the networks that ship.

    .venv/bin/python benchmarks/verify_limits.py FOLDER_WITH_LFW [FOLDS]

Every image of a genuine pair of the folds is found, aligned and embedded by the pair of networks that ships, as it is
and made worse: shrunk to 20 … 112 px, blurred, cut at each edge. `both` compares images that are both worse, `one` a
worse one with a good one. `tar` is at FAR 1e-2 of the same condition; `fmr` and `fnmr` are at the threshold of the good
images. A face that is not found counts as not accepted. Turn is not made but binned.
Writes results/benchmarks/verify_limits.csv.
"""

import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from twinlib import files, paths
from twinlib.faces.detect.search import find
from twinlib.faces.detect.yunet import YuNet
from twinlib.faces.images import read_image
from twinlib.progress import progress
from twinlib.verify.recognise.pair_facts import look
from twinlib.verify.recognise.sface import SFace

FAR = 1e-2
SIZES = (112, 80, 64, 56, 48, 40, 34, 28, 20)
BLURS = (1.0, 2.0, 3.0, 4.0)  # sigma, px of 112
CUTS = (0.15, 0.3)  # share of the picture taken off
EDGES = ("left", "right", "top", "bottom")
TURNS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5)


def shrunk(image, side):
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


def blurred(image, sigma):
    return cv2.GaussianBlur(image, (0, 0), sigma)


def cropped(image, edge, share):
    n = round(112 * share)
    parts = {"left": image[:, n:], "right": image[:, : 112 - n], "top": image[n:], "bottom": image[: 112 - n]}
    return np.ascontiguousarray(parts[edge])


def conditions():
    """Kind, how much, and what is done to an image."""
    yield "none", 0.0, lambda image: image
    for side in SIZES[1:]:
        yield "size", side, lambda image, side=side: shrunk(image, side)
    for sigma in BLURS:
        yield "blur", sigma, lambda image, sigma=sigma: blurred(image, sigma)
    for edge in EDGES:
        for share in CUTS:
            yield f"cut {edge}", share, lambda image, edge=edge, share=share: cropped(image, edge, share)


def embedded(images, worsen, what):
    """Embedding (zeros where no face is found) and facts of each image."""
    detector, network = YuNet(), SFace()
    vectors, facts = np.zeros((len(images), 128), np.float32), []
    for i, image in enumerate(progress(images, len(images), what, "image")):
        pixels = worsen(image)
        found = find(pixels, detector)
        if found is None:
            facts.append((np.nan,) * 5)
            continue
        crop, seen = look(pixels, found)
        vectors[i] = network.embed(crop[None])[0]
        facts.append((seen.span, seen.turned, seen.outside, seen.sharpness, seen.margin))
    return vectors, pd.DataFrame(facts, columns=["span", "turned", "outside", "sharpness", "margin"])


def rates(a, b, pairs, people, good):
    """TAR at FAR of these scores, and both errors at the threshold of good images (None: its own).

    Genuine are the pairs of the folds, impostors all pairs of different people.
    """
    genuine = (a[pairs[:, 0]] * b[pairs[:, 1]]).sum(1)
    seen = [np.abs(x).sum(1) > 0 for x in (a, b)]
    genuine[~(seen[0][pairs[:, 0]] & seen[1][pairs[:, 1]])] = -1
    scores = a @ b.T
    impostors = np.sort(scores[(people[:, None] < people) & seen[0][:, None] & seen[1]])[::-1]
    own = impostors[int(FAR * len(impostors))]
    good = own if good is None else good
    return {
        "pairs": len(pairs),
        "impostors": len(impostors),
        "tar": (genuine > own).mean(),
        "threshold": own,
        "fmr": (impostors > good).mean(),
        "fnmr": (genuine <= good).mean(),
        "genuine": genuine.mean(),
        "missing": 1 - seen[0].mean(),
    }


def main(folder, folds):
    table = pd.read_csv(folder / "lfw/pairs_folds01-07.csv")
    table = table[table["fold"].isin(folds) & (table["same"] == 1)]
    names = sorted({*table["image_a"], *table["image_b"]})
    row = {name: i for i, name in enumerate(names)}
    pairs = np.array([[row[a], row[b]] for a, b in zip(table["image_a"], table["image_b"], strict=True)])
    people = np.unique([name.split("/")[0] for name in names], return_inverse=True)[1]
    with zipfile.ZipFile(folder / "lfw/lfw112_folds01-07.zip") as archive:
        images = [read_image(archive.read(name), name) for name in names]
    cv2.setNumThreads(1)
    rows, known, good = [], None, None
    for kind, amount, worsen in conditions():
        vectors, facts = embedded(images, worsen, f"{kind} {amount:g}")
        if known is None:
            known, good = vectors, rates(vectors, vectors, pairs, people, None)["threshold"]
            rows += turns(vectors, facts, pairs, people, good)
        middle = facts.median().add_prefix("median_").to_dict()
        for which, (a, b) in {"both": (vectors, vectors), "one": (vectors, known)}.items():
            rows.append({"kind": kind, "amount": amount, "which": which} | rates(a, b, pairs, people, good) | middle)
        with files.replacing(paths.results_dir() / "benchmarks/verify_limits.csv") as temporary:
            pd.DataFrame(rows).round(5).to_csv(temporary, index=False, lineterminator="\n")


def turns(vectors, facts, pairs, people, good):
    """Good images by the larger turn of the pair, impostors of all pairs."""
    larger = facts["turned"].to_numpy()[pairs].max(1)
    for low, high in zip(TURNS, (*TURNS[1:], np.inf), strict=True):
        kept = pairs[(larger >= low) & (larger < high)]
        if len(kept):
            found = rates(vectors, vectors, kept, people, good)
            yield {"kind": "turn", "amount": low, "which": "both"} | found


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(fold) for fold in sys.argv[2].split(",")] if len(sys.argv) > 2 else range(1, 8))
