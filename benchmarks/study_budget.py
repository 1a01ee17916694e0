"""How long the rows of the study must train, from each trunk -> results/benchmarks/study_budget.csv.

Class token, mean of tokens and grid head are trained on the training families of `study2` for 12, 24 and 48 thousand
images, the shortest first, and asked for the person of every training image. The budget is the first at which all three
are right for nine of ten, from every trunk. Test families are not looked at; validation families are (last column).
Run: `python benchmarks/study_budget.py` (half an hour of processor time; what the table has already is not run again).
"""

import argparse
import os
from itertools import product
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch

import pandas as pd
import torch

from twinlib import config, files, paths
from twinlib.data.feed.trainset import train_set
from twinlib.data.rendered import prepare
from twinlib.models.features import flush_denormals
from twinlib.train.loop import train, training_accuracy
from twinlib.train.pretraining.start import start_hash, starting_weights
from twinlib.train.scoring import validation

WANTED = 0.9
BUDGETS = (12_000, 24_000, 48_000)
HEADS = ("cls", "mean", "grid")
KEY = ["passes", "trunk", "head", "precision"]


def trained(passes: int, trunk: str, head: str, precision: str) -> dict[str, object]:
    """One line of the table."""
    settings = (f"train.passes={passes}", f"train.trunk={trunk}", f"model.head={head}", f"train.precision={precision}",
                "train.validate_every=1000000")  # fmt: skip
    experiment = config.load("vit", "cpu", settings)
    manifest, faces = prepare(experiment.data.name, experiment.data.size)
    data = train_set(manifest, faces, families=experiment.data.families, relations=experiment.data.relations)
    run = files.hash_of({"budget": experiment.key(), "manifest": manifest.sha256, "start": start_hash(experiment)})
    folder = paths.build_dir() / "checkpoints" / f"budget-{run[:16]}"
    validate = validation(experiment, manifest, faces, "cpu")
    done = train(experiment, data, run, folder, "cpu", starting_weights(experiment)[0], validate)
    accuracy = training_accuracy(done.model, done.objective.head, data, "cpu")
    found = dict(zip(KEY, (passes, trunk, head, precision), strict=True))
    return found | {
        "train_accuracy": round(float(accuracy or 0), 4),
        "validation_auc": round(done.history[-1]["validation"], 4),
        "seconds": round(done.seconds),
    }


def main() -> None:
    """Train what is missing of the table, the shortest budget first, until one is enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trunks", nargs="+", default=["strangers0", "strangers1"])
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16")
    given = parser.parse_args()
    torch.set_num_threads(1)
    flush_denormals()
    file = paths.results_dir() / "benchmarks/study_budget.csv"
    rows = pd.read_csv(file).to_dict("records") if Path(file).is_file() else []
    for passes in BUDGETS:
        lines = []
        for trunk, head in product(given.trunks, HEADS):
            wanted = (passes, trunk, head, given.precision)
            line = next((row for row in rows if tuple(row[name] for name in KEY) == wanted), None)
            if line is None:
                line = trained(*wanted)
                rows.append(line)
                files.write_text(file, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))
                print(line, flush=True)
            lines.append(line)
        if min(line["train_accuracy"] for line in lines) >= WANTED:
            print(f"{passes} images are enough: train.passes in twinlib/experiments/profiles/study.yaml")
            return
    print(f"no budget up to {BUDGETS[-1]} is enough")


if __name__ == "__main__":
    main()
