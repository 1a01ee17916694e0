"""The pair of networks that ships on LFW, detection included, and the threshold that ships with it.

    .venv/bin/python benchmarks/verify_lfw.py FOLDER_WITH_LFW

Every image is found and aligned by YuNet, whatever alignment it came with, and embedded by SFace. Accuracy is that of
the fold rule. The threshold is chosen on all pairs of different people (identities of the folds are disjoint), the
false non-match rate is that of the 2,100 genuine pairs. Writes results/benchmarks/verify_lfw.csv and the calibration
that ships.
"""

import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from twinlib import files, paths
from twinlib.faces.detect.search import find
from twinlib.faces.detect.weights import SFACE
from twinlib.faces.detect.yunet import YuNet
from twinlib.faces.images import read_image
from twinlib.measure.kfold import kfold_accuracy
from twinlib.measure.metrics import auc, tar_at_far
from twinlib.progress import progress
from twinlib.verify.calibrated import SHIPPED, scale_of
from twinlib.verify.recognise.pair_facts import look
from twinlib.verify.recognise.sface import LENGTH, SFace

TARGET = 1e-3  # false match rate of the threshold that ships
GIVEN = 0.363  # OpenCV's threshold


def embedded(images):
    """Embedding of each image, zeros where YuNet finds no face."""
    detector, network = YuNet(), SFace()
    vectors = np.zeros((len(images), LENGTH), np.float32)
    for i, image in enumerate(progress(images, len(images), "LFW", "image")):
        if (face := find(image, detector)) is not None:
            vectors[i] = network.embed(look(image, face)[0][None])[0]
    return vectors


def measured(vectors, pairs):
    scores = (vectors[pairs["a"]] * vectors[pairs["b"]]).sum(1)
    same = pairs["same"].to_numpy()
    accuracy = kfold_accuracy(scores, same, pairs["fold"].to_numpy())
    tars = {f"tar_at_far_{far:g}": tar_at_far(scores, same, far, 1).value for far in (1e-1, 1e-2, 1e-3)}
    row = {
        "pairs": len(pairs),
        "accuracy": accuracy.mean,
        "sd": accuracy.sd,
        "auc": auc(scores, same),
    }
    return scores, row | {f"accuracy_at_{GIVEN}": ((scores >= GIVEN) == same).mean()} | tars


def main(folder):
    table = pd.read_csv(folder / "lfw/pairs_folds01-07.csv")
    names = sorted({*table["image_a"], *table["image_b"]})
    row = {name: i for i, name in enumerate(names)}
    pairs = table.assign(a=table["image_a"].map(row), b=table["image_b"].map(row))
    people = np.unique([name.split("/")[0] for name in names], return_inverse=True)[1]
    with zipfile.ZipFile(folder / "lfw/lfw112_folds01-07.zip") as archive:
        images = [read_image(archive.read(name), name) for name in names]
    cv2.setNumThreads(1)
    vectors = embedded(images)
    missing = ~vectors.any(axis=1)
    scores, row = measured(vectors, pairs)
    with files.replacing(paths.results_dir() / "benchmarks/verify_lfw.csv") as temporary:
        table = pd.DataFrame([row | {"images": len(names), "not_found": int(missing.sum())}])
        table.round(5).to_csv(temporary, index=False, lineterminator="\n")
    genuine = scores[pairs["same"].to_numpy() == 1]
    file = paths.package_dir() / "weights" / SHIPPED
    files.write_json(file, shipped(genuine, vectors[~missing], people[~missing]))


def strangers_of(vectors, people):
    """Scores of all pairs of different people, and the two people of each, block by block."""
    found = []
    for start in range(0, len(vectors), 512):
        block = vectors[start : start + 512] @ vectors.T
        i, j = np.nonzero(people[start : start + 512, None] < people)
        found.append((block[i, j], people[start + i].astype(np.int16), people[j].astype(np.int16)))
    return [np.concatenate(part) for part in zip(*found, strict=True)]


def spread(accepted, one, other):
    """Standard error of the share of accepted pairs, by leaving out one person at a time (jackknife)."""
    n = int(max(one.max(), other.max())) + 1
    pairs = np.bincount(one, minlength=n) + np.bincount(other, minlength=n)
    hits = np.bincount(one[accepted], minlength=n) + np.bincount(other[accepted], minlength=n)
    rates = (accepted.sum() - hits) / (len(accepted) - pairs)
    return float(np.sqrt((n - 1) / n * ((rates - rates.mean()) ** 2).sum()))


def shipped(genuine, vectors, people):
    """The calibration in the form of `serve.calibrated`, with both rates along the scale of scores."""
    strangers, one, other = strangers_of(vectors, people)
    k = int(TARGET * len(strangers))
    last = np.partition(strangers, len(strangers) - 1 - k)[len(strangers) - 1 - k]
    threshold = float(np.ceil(last * 1e4) / 1e4)
    share, error = float((strangers >= threshold).mean()), spread(strangers >= threshold, one, other)
    missed = float((genuine < threshold).mean())
    return {
        "threshold": threshold,
        "target_fmr": TARGET,
        "fmr": share,
        "fmr_interval": [max(share - 1.96 * error, 0.0), share + 1.96 * error],  # people drawn, not pairs
        "fnmr": missed,
        "impostors": len(strangers),
        "kind": "stranger",
        "fmr_by_kind": {"stranger": share},
        "weights_sha256": SFACE.sha256,
        "align": "landmarks",
        "source": f"LFW folds 1 to 7: {len(genuine)} genuine pairs, strangers among {len(vectors)} images",
        "scale": scale_of(np.concatenate([genuine, strangers]), np.repeat([1, 0], [len(genuine), len(strangers)])),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
