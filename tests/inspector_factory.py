"""A record on the smoke set with made-up scores, and an untrained network: the inspector without a training."""

import numpy as np
import pandas as pd

from twinlib import config
from twinlib.data.manifest import read_manifest
from twinlib.faces.find import read_faces
from twinlib.figures.inspector.shown_pairs import inspected
from twinlib.measure.metrics import threshold_at_best_balanced_accuracy
from twinlib.records.runs import METRIC_COLUMNS, score_table, write_run
from twinlib.records.schema import new_record
from twinlib.train.scoring import PAIR_SEED, PROTOCOLS


def network():
    cfg = config.AHAN(112, 16, 32, 2, 2, 2.0, "conv", embedding=16)
    return config.MODELS.build(cfg).eval()


def make_record(root, folder, name="ahan", **fields):
    """Scores with six decimals, higher for genuine pairs, on the pair lists every record of the set is scored on."""
    manifest, rng = read_manifest(root), np.random.default_rng(5)
    lists = {name: draw(manifest.images, PAIR_SEED, 6) for name, draw in PROTOCOLS.items()}
    lists = {name: table[table["split"] != "train"].reset_index(drop=True) for name, table in lists.items()}
    scores = {
        name: score_table(table, np.tanh(rng.normal(0.4 * table["same"].to_numpy(), 0.5)))
        for name, table in lists.items()
    }
    given = {"name": name, "profile": "smoke", "dataset": "smoke", "init": "scratch", "manifest": manifest.sha256}
    given |= {"config": {"evaluate": {"pairs": 6}, "data": {"name": "smoke", "size": 112}}, "weights": None, "seed": 0}
    given |= {"device": "cpu", "parameters": 7, "wall_s": 1.5}
    rows = [(name, "test", "balanced_accuracy", 0.5, 0.4, 0.6, _threshold(table)) for name, table in scores.items()]
    metrics = pd.DataFrame(rows, columns=METRIC_COLUMNS[:7]).reindex(columns=METRIC_COLUMNS)
    return write_run(new_record(**(given | fields)), metrics, scores, folder=folder)


def _threshold(table):
    held = table[table["split"] == "validation"]
    return threshold_at_best_balanced_accuracy(held["score"].to_numpy(), held["same"].to_numpy())


def make_shown(root, folder, model=None, **options):
    return inspected(make_record(root, folder), read_manifest(root), read_faces(root), model, **options)
