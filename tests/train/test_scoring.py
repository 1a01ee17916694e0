import dataclasses

import numpy as np
import pandas as pd
import pytest

from twinlib import config
from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.faces.find import read_faces
from twinlib.records.packed import rounded
from twinlib.train.scoring import pair_lists, score, scored_rows, scored_sets


@pytest.fixture
def smoke(smoke_set):
    return read_manifest(smoke_set), read_faces(smoke_set / "aligned")


def test_every_model_gets_the_same_pairs(smoke):
    one, other = pair_lists(smoke[0], 6), pair_lists(smoke[0], 6)
    assert set(one) == {"twin", "general", "sibling", "hard_twin"}
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_photographs_have_no_truth_to_rank_hard_pairs_by(smoke, tmp_path):
    assert "hard_twin" not in pair_lists(dataclasses.replace(smoke[0], root=tmp_path), 6)


def test_a_score_is_the_cosine_of_its_own_two_images(smoke):
    manifest, faces = smoke
    scored = scored_sets(config.load("vit", "smoke"), manifest, faces)[0]
    rows = scored_rows(scored)
    e = np.random.default_rng(0).normal(size=(len(manifest.images), 5))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    table = score(scored, rows, e[rows])["general"]
    pairs = scored.lists["general"].query("split != 'train'")
    number = {name: i for i, name in enumerate(manifest.images["image"])}
    slow = [float(e[number[a]] @ e[number[b]]) for a, b in zip(pairs["image_a"], pairs["image_b"], strict=True)]
    np.testing.assert_allclose(table["score"], rounded(np.array(slow)), atol=1e-7)
    assert "train" not in set(manifest.images["split"].to_numpy()[rows])


def test_a_further_set_that_tests_families_of_the_training_is_refused(smoke, tmp_path):
    experiment = config.load("vit", "smoke", ("evaluate.sets=[smoke]",))
    again = smoke[0].images.assign(split="train", image=smoke[0].images["image"] + "x")
    images = pd.concat([smoke[0].images, again], ignore_index=True)
    leaky = dataclasses.replace(smoke[0], root=tmp_path / "smoke", images=images)  # without truth: no hard twins
    with pytest.raises(InputError, match=r"evaluate.sets: 'smoke' tests family 'f\d+', which 'smoke' trains on"):
        scored_sets(experiment, leaky, smoke[1])


def test_a_further_set_is_scored_on_its_twins(smoke):
    experiment = config.load("vit", "smoke", ("evaluate.sets=[smoke]",))
    other = scored_sets(experiment, *smoke)[1]
    assert list(other.lists) == ["twin@smoke"]
    pd.testing.assert_frame_equal(other.lists["twin@smoke"], pair_lists(smoke[0], experiment.evaluate.pairs)["twin"])
