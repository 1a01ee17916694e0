import ast
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twinlib.data import leakage
from twinlib.data.feed.trainset import train_set
from twinlib.data.manifest import Manifest
from twinlib.data.pairs import PAIR_COLUMNS
from twinlib.data.protocols import general_pairs, twin_pairs
from twinlib.errors import InputError
from twinlib.faces.find import Faces

PACKAGE = Path(leakage.__file__).parents[1]


def pair_list(*rows):
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def test_chained_pairs_are_one_family():
    families = leakage.families_of([("A", "B"), ("C", "B"), ("X", "Y")])
    assert families == {"A": 0, "B": 0, "C": 0, "X": 1, "Y": 1}


def test_a_family_torn_through_a_chain_is_named_with_the_chain():
    related = [("A", "B"), ("B", "C"), ("C", "D"), ("X", "Y")]
    with pytest.raises(InputError, match="family A–B–C–D is in two splits: A in train, D in test"):
        leakage.refuse_torn_families(related, {"A": "train", "D": "test"})
    with pytest.raises(InputError, match="family X–Y is in two splits: X in test, Y in train"):
        leakage.refuse_torn_families(related, {"X": "test", "Y": "train"})
    leakage.refuse_torn_families(related, {"A": "train", "C": "train", "X": "test", "Y": "test"})


def test_a_family_in_two_splits_is_named():
    apart = pair_list(
        (0, "a1", "a2", 1, "genuine", "f1", "f1", "train", 0), (1, "b1", "b2", 1, "genuine", "f2", "f2", "test", 0)
    )
    leakage.refuse_shared_families(apart)
    across = pair_list(*apart.to_numpy().tolist(), (2, "b1", "a1", 0, "stranger", "f2", "f1", "test", 0))
    with pytest.raises(InputError, match="family 'f1' is in split test and train"):
        leakage.refuse_shared_families(across)


def test_an_identity_in_two_folds_is_named():
    pairs = pair_list(
        (0, "a1", "a2", 1, "genuine", "f", "f", "test", 1), (1, "a1", "b1", 0, "twin", "f", "f", "test", 2)
    )
    with pytest.raises(InputError, match="identity 'ann' is in fold 1 and 2"):
        leakage.refuse_shared_identities(pairs, {"a1": "ann", "a2": "ann", "b1": "bo"})
    leakage.refuse_shared_identities(pairs.assign(fold=1), {"a1": "ann", "a2": "ann", "b1": "bo"})


@pytest.mark.parametrize("column", ["yaw", "light_azimuth", "expression", "sex", "landmarks", "tone_bin"])
def test_a_truth_column_is_no_input(column):
    table = pd.DataFrame({"image": ["a"], column: [1]})
    with pytest.raises(InputError, match=f"column '{column}' is truth .* never an input"):
        leakage.inputs(table, ["image", column])


def test_allowed_columns_pass_and_missing_ones_are_named():
    table = pd.DataFrame({"image": ["a"], "subject": ["s"], "relation": ["mz"], "yaw": [1.0]})
    assert list(leakage.inputs(table, ["subject", "image"])) == ["subject", "image"]
    assert list(leakage.inputs(table, ["relation"])) == ["relation"]  # a label that photographs have too
    with pytest.raises(InputError, match="no column 'family'"):
        leakage.inputs(table, ["family"])


@pytest.mark.parametrize("layer", ["models", "losses", "train", "evaluate", "serve"])
def test_no_code_that_trains_or_evaluates_opens_the_truth(layer):
    """`evaluate` may use truth only where a caller hands it over; the file itself belongs to data and figures.

    A trunk learns the truth as a target, never as an input: `trunk_network.py` reads it for that.
    """
    opened = [
        f"{file.name}:{node.lineno}"
        for file in sorted((PACKAGE / layer).rglob("*.py"))
        if file.name != "trunk_network.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip().endswith("truth.npz")
    ]
    assert opened == []


def test_training_and_scored_pairs_do_not_change_with_the_truth_columns():
    """Every column that says how an image was made is replaced by noise: training sees the same, pairs are the same."""
    rng = np.random.default_rng(0)
    names = [(f"f{f}-{s}-{i}", f"f{f}-{s}", f"f{f}") for f in range(4) for s in "ab" for i in range(3)]
    images = pd.DataFrame(names, columns=["image", "subject", "family"]).assign(split="train", relation="mz", path="x")
    n = len(images)
    truth = ("yaw", "light_azimuth", "age_gap", "occluded", "expression")
    sets = [images.assign(**{name: rng.normal(size=n) for name in truth}) for _ in range(2)]
    frame = pd.DataFrame({"image": images.image, "status": "found"})
    boxes, crops = np.zeros((n, 4, 4), np.float32), np.zeros((n, 2, 2, 3), np.uint8)
    landmarks, matrix = np.zeros((n, 478, 2), np.float32), np.zeros((n, 2, 3), np.float32)
    faces = Faces(frame, landmarks, matrix, boxes, np.zeros(n, bool), crops)
    one, other = (train_set(Manifest(Path("set"), table, "0"), faces) for table in sets)
    for field in dataclasses.fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))
    for draw in (twin_pairs, general_pairs):
        pd.testing.assert_frame_equal(draw(sets[0], 0), draw(sets[1], 0))


@pytest.mark.parametrize("missing", [None, np.nan, "", " "], ids=repr)
def test_a_missing_family_is_refused_and_an_index_counts_for_nothing(missing):
    rows = [(i, f"{i}a", f"{i}b", 1, "genuine", f"f{i}", f"f{i}", "test", 0) for i in range(3)]
    with pytest.raises(InputError, match=r"pairs.family_b: 1 of 3 values are missing.*\(rows 1,"):
        leakage.refuse_shared_families(pair_list(*rows).assign(family_b=["f0", missing, "f2"]))
    leakage.refuse_shared_families(pair_list(*rows).set_index(np.zeros(3, int)))


def test_an_image_of_nobody_is_refused():
    pairs = pair_list((0, "a1", "a2", 1, "genuine", "a", "a", "test", 1))
    with pytest.raises(InputError, match="image 'a2' has no subject"):
        leakage.refuse_shared_identities(pairs, {"a1": "a"})
