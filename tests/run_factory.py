"""Records made from simulated scores, shared by tests."""

import numpy as np
import pandas as pd

from twinlib.records.comparison import measure
from twinlib.records.runs import score_table, write_run
from twinlib.records.schema import new_record


def pair_list(families=30, each=4):
    """Twin pairs of a validation and a test split."""
    same = np.tile(np.repeat([1, 0], each), 2 * families)
    family = np.repeat([f"f{i:03d}" for i in range(2 * families)], 2 * each)
    split = np.repeat(["validation", "test"], same.size // 2)
    kind = np.where(same == 1, "genuine", "twin")
    columns = {"pair": np.arange(same.size), "same": same, "kind": kind, "family_a": family, "family_b": family}
    return pd.DataFrame({**columns, "split": split, "fold": 0})


def make_run(name="base", seed=0, skill=1.0, pairs=None, profile="cpu", **fields):
    """Write a record into results/runs; the noise of a pair is shared by all runs, a seed adds a little."""
    pairs = pair_list() if pairs is None else pairs
    noise = np.random.default_rng(99).normal(size=len(pairs)) + np.random.default_rng(seed).normal(0, 0.2, len(pairs))
    table = score_table(pairs, noise + skill * pairs.same.to_numpy())
    given = {
        "name": name,
        "profile": profile,
        "dataset": "default",
        "init": "scratch",
        "config": {"seed": seed, "skill": skill},
    }
    given |= {"manifest": "0" * 64, "weights": None, "seed": seed, "device": "cpu", "parameters": 7, "wall_s": 1.5}
    record = new_record(**(given | fields))
    return write_run(record, measure("twin", table, draws=50), {"twin": table})
