"""Runs the code of chapters under profile full: `python full_profile.py FOLDER CHAPTER ...`.

As plain code, several chapters at once, on the smoke set in place of the large one: what is looked for is a chapter
that stops. First without a record (FOLDER/without is the results folder); then each chapter that looked for one again,
with records of every experiment whose scores are drawn (FOLDER/with), on a set with enough families for tables: copies
of the smoke set under other names. Prints a line for each chapter and kind.
"""

import os
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd

from twinlib import config
from twinlib.data import rendered as preparing
from twinlib.data.hard_pairs import hard_pairs_of
from twinlib.data.pairs import PAIR_SEED
from twinlib.data.rendered import SETS, set_hash
from twinlib.parts.jobs import usable_cores
from twinlib.records.comparison import measure
from twinlib.records.runs import score_table, write_run
from twinlib.records.schema import new_record
from twinlib.train.lookup import portable, start_hash
from twinlib.train.scoring import PROTOCOLS
from twinlib.version import TRAINING

ROOT = Path(__file__).parents[2]
SEEDS = {"vit": 5, "vit_hca": 5, "vit_faam": 5, "ahan": 5, "vit_grid": 5}  # the others have one
COPIES = 8  # of two sibling families and two fraternal ones, and eight of twins: the 30 and more of a table
HARD = 16  # copies of the two families of hard pairs
real = preparing.prepare
looked: set[str] = set()  # results folders whose runs somebody looked at


def again(table, copies, *names):
    """Copies of a table, in which these columns say which copy they are of."""
    own = [table.assign(**{name: table[name].astype(str) + f"-{i}" for name in names}) for i in range(copies)]
    return pd.concat(own, ignore_index=True)


@cache
def enlarged(size):
    """The smoke set as many times as `COPIES`, under names of its own each time."""
    manifest, faces = real("smoke", size)
    arrays = {name: np.concatenate([value] * COPIES) for name, value in vars(faces).items() if name != "frame"}
    many = replace(manifest, images=again(manifest.images, COPIES, "image", "subject", "family"))
    return many, replace(faces, frame=again(faces.frame, COPIES, "image"), **arrays)


def scores(pairs, skill, seed):
    pairs = pairs[pairs["split"] != "train"].reset_index(drop=True)
    noise = np.random.default_rng(seed).normal(size=len(pairs))
    return score_table(pairs, np.tanh(0.3 * (noise + skill * pairs["same"].to_numpy())))


def simulate():
    """A record of every experiment under full, as if it had been trained on the large set."""
    images = enlarged(112)[0].images
    lists = {name: draw(images, PAIR_SEED, config.Evaluate().pairs) for name, draw in PROTOCOLS.items()}
    hard = again(hard_pairs_of(real("smoke")[0], PAIR_SEED, config.Evaluate().pairs), HARD, "family_a", "family_b")
    lists["hard_twin"] = hard.assign(pair=range(len(hard)))
    for number, name in enumerate(config.experiments()):
        for seed in range(SEEDS.get(name, 1)):
            e = config.load(name, "full", (), seed)
            found = {protocol: scores(pairs, 1 + number % 5, seed) for protocol, pairs in lists.items()}
            tables = pd.concat([measure(protocol, table, draws=20) for protocol, table in found.items()])
            steps = [{"step": step, "loss": 1 / step, "accuracy": 0.9, "lr": 1e-4} for step in (20, 40)]
            done = {"train_accuracy": 0.95, "ended": True, "passes": e.train.passes, "images_s": 300.0,
                    "core_minutes": 9.0, "control": {}}  # fmt: skip
            extra = {"steps": e.train.steps, "finished": done, "train_s": 60.0, "threads": 1, "faces_found": 9,
                     "set_hash": set_hash(SETS["large"]), "images": 9, "weights_after": "0" * 64,
                     "sets": {"large": "0" * 64}}  # fmt: skip
            record = new_record(
                name=name, profile="full", dataset="large", init="imagenet", config=portable(e.as_dict()),
                key=portable(e.key()), manifest="0" * 64, weights=start_hash(e), training=TRAINING, seed=seed,
                device="cuda", parameters=86_000_000, wall_s=60.0, extra=extra,
            )  # fmt: skip
            write_run(record, tables, found, pd.DataFrame(steps))


def run(name):
    """Run a chapter; the story of its failure, empty if there is none."""
    chapter = nbformat.read(ROOT / f"book/{name}.ipynb", as_version=4)
    space = {"__name__": "__main__"}
    try:
        for cell in chapter.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, f"{name}[{cell.id}]", "exec"), space)
                if "parameters" in cell.metadata.get("tags", []):
                    space["profile"] = "full"
    except Exception:
        return traceback.format_exc(limit=-6)
    finally:
        plt.close("all")
    return ""


def both(folder, name):
    """Run a chapter without records, and with them if it looked for any."""
    os.environ["TWINLIB_RESULTS"] = without = str(folder / "without")
    preparing.prepare = lambda name, size=112, *_: real("smoke", size)
    looked.clear()
    told = {"without": run(name)}
    if any(place.startswith(without) for place in looked):
        os.environ["TWINLIB_RESULTS"] = str(folder / "with")
        preparing.prepare = lambda name, size=112, *_: enlarged(size)
        told["with"] = run(name)
    return told


def watch(event, given):
    if event in ("open", "os.listdir", "os.scandir") and "/runs" in str(given[0]):
        looked.add(str(given[0]))


if __name__ == "__main__":
    folder, *names = Path(sys.argv[1]), *sys.argv[2:]
    for kind in ("with", "without"):
        (folder / kind / "runs").mkdir(parents=True)
        for file in (ROOT / "results").iterdir():
            if file.name != "runs":
                (folder / kind / file.name).symlink_to(file)
    os.environ["TWINLIB_RESULTS"] = str(folder / "with")
    simulate()
    fresh = get_context("spawn")  # forked ones die where the set-up has used threads
    with ProcessPoolExecutor(usable_cores(), fresh, sys.addaudithook, (watch,)) as pool:
        for name, told in zip(names, pool.map(partial(both, folder), names), strict=True):
            for kind, story in told.items():
                print(f"FAILED {name} {kind} records\n{story}" if story else f"{name} {kind} records", flush=True)
