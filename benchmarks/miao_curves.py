"""Miao's curves in kind: triplet loss and right triplets over epochs -> results/benchmarks/miao_curves.csv.

A network of the smoke profile's size (some hundred thousand weights, not the paper's ResNet-50 with ImageNet weights)
is trained from random weights on 120 triplets of rendered strangers for ten epochs, without a pyramid, with one read at
either end, at two learning rates and once for twenty epochs. After each epoch it is asked about triplets of held-out
families: strangers, siblings (fraternal twins among them), identical twins. One seed. The file is written
after each training, so that a run that was stopped leaves those it finished.
Run: `python -m benchmarks.miao_curves` (six minutes of processor time).
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from twinlib import config
from twinlib.data.feed.trainset import TrainSet, train_set
from twinlib.data.rendered import prepare
from twinlib.faces.crops import Crop
from twinlib.figures.exhibits.watched import watched
from twinlib.files import write_text
from twinlib.methods.miao import Triplets as Settings
from twinlib.methods.miao.triplets import Triplets, measured
from twinlib.models.features import features
from twinlib.paths import results_dir

DATA, COUNT, GROUPS = "default", 120, 4
SHOWN = {"test strangers": 170, "test siblings": 100, "test twins": 170, "validation strangers": 100}
FAMILIES, IMAGES = 24, 4  # asked about: so many families of a set, so many images of each subject
SLOW, FAST = 0.003, 0.03  # ten times apart as in the paper; three times its own, since nothing is pre-trained
RUNS = [  # the rate is constant, so that ten epochs are the first half of twenty
    ("pyramid, p5", "p5", SLOW, 20),
    ("no pyramid", "none", SLOW, 10),
    ("p5, lr × 10", "p5", FAST, 10),
    ("pyramid, p2", "p2", SLOW, 10),
]
SEEDS = (0,)


def part(data: TrainSet, kept: np.ndarray) -> TrainSet:
    """The images of some families, numbered anew."""
    subject, family = (np.unique(x[kept], return_inverse=True)[1] for x in (data.subject, data.family))
    return replace(data, rows=data.rows[kept], subject=subject, family=family, columns=None)


def questions(manifest, faces) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Rows of crops and triplets of them, by set."""
    found = {}
    for name, count in SHOWN.items():
        split, kind = name.split()
        data = train_set(manifest, faces, split)
        relation = manifest.images["relation"].to_numpy()[data.rows]
        wanted = np.isin(relation, ["dz", "sibling"] if kind == "siblings" else ["mz"])
        wanted &= np.isin(data.family, np.unique(data.family[wanted])[:FAMILIES])
        own = part(data, wanted & (pd.Series(data.subject).groupby(data.subject).cumcount() < IMAGES).to_numpy())
        cfg = Settings(count=count, negative="stranger" if kind == "strangers" else "family")
        rows, triplets = np.unique(own.rows[Triplets(own, 3, 0, cfg).triplets], return_inverse=True)
        found[name] = rows, triplets.reshape(-1, 3)
    return found


def main() -> None:
    torch.set_num_threads(1)
    manifest, faces = prepare(DATA)
    data, asked = train_set(manifest, faces), questions(manifest, faces)
    tables = []

    def look(net):
        rows = []
        for name, (where, triplets) in asked.items():
            crops = [Crop(np.asarray(faces.crops[row]), faces.boxes[row], True) for row in where]
            said = measured(features(net, crops, len(crops), batch=256, flip=False).e, triplets)
            rows.append({"set": name} | said._asdict())
        return rows

    for seed in SEEDS:
        for label, level, lr, epochs in RUNS:
            settings = (
                f"data.name={DATA}", f"model.level={level}", f"sampler.count={COUNT}", "train.optimizer=sgd",
                f"train.lr={lr}", "train.weight_decay=0.0", "train.warmup=0", "train.schedule=constant",
                f"train.passes={3 * COUNT * epochs}", f"train.groups={GROUPS}", "train.checkpoint_every=100000",
            )  # fmt: skip
            experiment = config.load("miao", "smoke", settings, seed)
            every = 3 * COUNT // experiment.train.batch
            _, table = watched(experiment, data, look, every)
            tables.append(table.assign(run=label, seed=seed, epoch=table["step"] // every))
            whole = pd.concat(tables)[["run", "seed", "epoch", "set", "loss", "right", "triplets"]]
            text = whole.to_csv(index=False, float_format="%.4f", lineterminator="\n")
            write_text(results_dir() / "benchmarks/miao_curves.csv", text)
            print(label, seed, table.groupby("set").last().to_string(), flush=True)


if __name__ == "__main__":
    main()
