"""SymFace's Figure 6 and Tables 3 and 4 in kind -> results/benchmarks/symface_tau.csv.

A MobileFaceNet of the smoke profile's size is trained for a few epochs on rendered faces: without SymFace, with split
pictures alone, and with SymFace at five thresholds tau. Measured: AUC among strangers and among twins of test families,
and how far the classes of the training set lie apart (two readings of the paper's Table 3, and the trace for embeddings
that are not scaled). Two seeds. Run: `python -m benchmarks.symface_tau` (about ten minutes on one core).
"""

import numpy as np
import pandas as pd
import torch

from twinlib import config
from twinlib.data import protocols
from twinlib.data.crops import Crop
from twinlib.data.prepare import prepare
from twinlib.data.trainset import train_set
from twinlib.evaluate.features import features
from twinlib.evaluate.metrics import auc
from twinlib.evaluate.symface import between_classes, raw_trace
from twinlib.files import write_text
from twinlib.paths import results_dir
from twinlib.train.scoring import Scored, score, scored_rows
from twinlib.train.watched import watched

DATA, FAMILIES, TESTED, PASSES, SEEDS = "default", 40, 40, 2400, (0, 1)
TAUS = (0.05, 0.1, 0.2, 0.3, 0.4)
RUNS: dict[str, tuple[str, float | None]] = {"without": ("sym_mobilefacenet_base", None), "split": ("sym_split", 0.2)}
RUNS |= {f"SymFace, tau {tau:g}": ("sym_mobilefacenet", tau) for tau in TAUS}


def main() -> None:
    torch.set_num_threads(1)
    manifest, faces = prepare(DATA)
    images = manifest.images
    tested = images[images["split"] == "test"]
    tested = tested[(tested["relation"] == "mz") & tested["family"].isin(tested["family"].unique()[:TESTED])]
    lists = {
        "general": protocols.general_pairs(tested, 0, 12),
        "twin": protocols.twin_pairs(tested, 0, 12),
    }
    asked = Scored(manifest, faces, lists)
    rows, data = scored_rows(asked), train_set(manifest, faces, families=FAMILIES)
    tables = []

    def raw(net, where):
        crops = [Crop(np.asarray(faces.crops[row]), faces.boxes[row], True) for row in where]
        return features(net, crops, len(crops), batch=256, flip=False).e

    for seed in SEEDS:
        for label, (name, tau) in RUNS.items():
            settings = [f"data.name={DATA}", f"data.families={FAMILIES}", f"train.passes={PASSES}",
                        "train.checkpoint_every=100000"]  # fmt: skip
            settings += [] if tau is None else [f"sampler.tau={tau}"]
            experiment = config.load(name, "smoke", tuple(settings), seed)
            net, _ = watched(experiment, data, lambda net: [], 10**6)
            e, own = raw(net, rows), raw(net, data.rows)
            e /= np.linalg.norm(e, axis=1, keepdims=True)
            found = {p: auc(t["score"].to_numpy(), t["same"].to_numpy() == 1) for p, t in score(asked, rows, e).items()}
            spread = between_classes(own, data.subject)
            tables.append({"run": label, "tau": tau, "seed": seed, "general_auc": found["general"],
                           "twin_auc": found["twin"], "trace": spread.trace, "mean_square": spread.mean_square,
                           "raw_trace": raw_trace(own, data.subject)})  # fmt: skip
            text = pd.DataFrame(tables).to_csv(index=False, float_format="%.5g", lineterminator="\n")
            write_text(results_dir() / "benchmarks/symface_tau.csv", text)
            print(tables[-1], flush=True)


if __name__ == "__main__":
    main()
