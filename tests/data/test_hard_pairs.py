import numpy as np
import pandas as pd
import pytest

from twinlib.data.hard_pairs import (
    factor_bins,
    hard_twin_pairs,
    nuisance_distance,
    outside_hardness,
    true_difference,
    truth_hardness,
)
from twinlib.data.manifest import read_manifest
from twinlib.data.pairs import check_pairs
from twinlib.data.protocols import candidates
from twinlib.errors import InputError


@pytest.fixture
def manifest():
    rng = np.random.default_rng(0)
    rows = [
        (f"f{f}-{s}-{i}", f"f{f}-{s}", f"f{f}", ("validation", "test")[f % 2], "mz")
        for f in range(8)
        for s in "ab"
        for i in range(5)
    ]
    table = pd.DataFrame(rows, columns=["image", "subject", "family", "split", "relation"])
    return table.assign(
        yaw=rng.uniform(-60, 60, len(table)), blur=rng.uniform(0, 1, len(table)), age_gap=rng.integers(0, 9, len(table))
    )


@pytest.fixture
def truth(manifest):
    rng, subjects = np.random.default_rng(1), manifest.subject.unique()
    eyes = np.zeros((len(manifest), 468, 2))
    eyes[:, [263, 362], 0] = 63.0  # eye distance 63 px: 10 px per cm
    shape = rng.normal(0, 0.1, (len(subjects), 468, 3))
    mark_subject = np.repeat(np.arange(len(subjects)), 2)
    number = {name: i for i, name in enumerate(subjects)}
    seen = [(i, m) for i, s in enumerate(manifest.subject) for m in np.flatnonzero(mark_subject == number[s])]
    seen_image, seen_mark = np.array(seen).T
    marks = {
        "mark_sigma_cm": rng.uniform(0.1, 0.3, len(mark_subject)),
        "mark_contrast": rng.uniform(0.2, 1, len(mark_subject)),
    }
    seen = {"seen_image": seen_image, "seen_mark": seen_mark, "seen_visible": rng.integers(0, 2, len(seen))}
    return {"image": manifest.image.to_numpy(), "subject": subjects, "landmarks": eyes, "shape": shape, **marks, **seen}


def test_true_difference_is_the_slow_one(manifest, truth):
    pool = candidates(manifest, "twin").sample(12, random_state=0)
    subject = dict(zip(manifest.image, manifest.subject, strict=True))
    for pair, ours in zip(pool.itertuples(), true_difference(manifest, truth, pool), strict=True):
        shapes = [truth["shape"][list(truth["subject"]).index(subject[name])] for name in (pair.image_a, pair.image_b)]
        total = sum(((p - q) ** 2).sum() for p, q in zip(*shapes, strict=True))
        for image, mark, visible in zip(truth["seen_image"], truth["seen_mark"], truth["seen_visible"], strict=True):
            if visible and truth["image"][image] in (pair.image_a, pair.image_b):
                total += (2 * truth["mark_sigma_cm"][mark] * truth["mark_contrast"][mark]) ** 2
        assert ours == pytest.approx(10 * np.sqrt(total / 468))


def test_nuisance_distance_is_in_standard_deviations(manifest):
    pool = candidates(manifest, "twin")
    ours = nuisance_distance(manifest, pool)
    scaled = manifest.assign(yaw=manifest.yaw * 100 + 3, pitch=0.0)  # neither units nor a constant factor matter
    np.testing.assert_allclose(nuisance_distance(scaled, pool), ours)
    alone = manifest.set_index("image").yaw
    only_yaw = nuisance_distance(manifest.drop(columns=["blur", "age_gap"]), pool)
    gap = np.abs(alone[pool.image_a].to_numpy() - alone[pool.image_b].to_numpy())
    np.testing.assert_allclose(only_yaw, gap / manifest.yaw.std(ddof=0))


def test_hard_pairs_are_the_hardest_quartile_of_their_kind_and_split(manifest, truth):
    pool = candidates(manifest, "twin")
    hardness = truth_hardness(manifest, truth, pool)
    pairs = hard_twin_pairs(manifest, hardness, seed=0, per_family=6)
    check_pairs(pairs, "hard_twin")
    counts = pairs.groupby(["family_a", "same"]).size().unstack()
    assert (counts[0] == counts[1]).all()
    key = ["image_a", "image_b"]
    value = pool.assign(hardness=hardness).set_index(key).hardness
    for (split, same), part in pool.assign(hardness=hardness).groupby(["split", "same"]):
        chosen = pairs[(pairs.split == split) & (pairs.same == same)]
        assert value.loc[list(map(tuple, chosen[key].to_numpy()))].min() >= np.quantile(part.hardness, 0.74)


def test_an_outside_model_ranks_unlike_genuine_and_alike_twins_as_hard():
    pairs = pd.DataFrame({"same": [1, 1, 0, 0]})
    assert outside_hardness(pairs, np.array([0.9, 0.2, 0.9, 0.2])).tolist() == [-0.9, -0.2, 0.9, 0.2]


def test_factor_bins_hold_their_pairs(manifest):
    yaw = manifest.set_index("image").yaw.abs()
    lists = factor_bins(manifest, "yaw", [0, 30, 60], seed=0, per_family=4)
    assert list(lists) == ["yaw_0_30", "yaw_30_60"]
    for (low, high), pairs in zip([(0, 30), (30, 60)], lists.values(), strict=True):
        check_pairs(pairs, "yaw")
        larger = np.maximum(yaw[pairs.image_a].to_numpy(), yaw[pairs.image_b].to_numpy())
        assert ((larger >= low) & (larger < high)).all()
    gaps = factor_bins(manifest, "age_gap", [0, 4, 8], seed=0)
    age = manifest.set_index("image").age_gap
    far = gaps["age_gap_4_8"]
    difference = (age[far.image_a].to_numpy() - age[far.image_b].to_numpy()).astype(float)
    assert np.abs(difference).min() >= 4
    assert np.abs(difference).max() == 8  # the last bin is closed


def test_refusals(manifest, truth):
    pool = candidates(manifest, "twin")
    with pytest.raises(InputError, match=r"truth\.npz lacks shape"):
        true_difference(manifest, {key: value for key, value in truth.items() if key != "shape"}, pool)
    with pytest.raises(InputError, match=f"each of {len(pool)} candidate pairs; found 3"):
        hard_twin_pairs(manifest, np.zeros(3), 0)
    with pytest.raises(InputError, match="no factor column"):
        nuisance_distance(manifest[["image"]], pool)
    with pytest.raises(InputError, match="no column 'smile'"):
        factor_bins(manifest, "smile", [0, 1], 0)
    with pytest.raises(InputError, match="rising numbers"):
        factor_bins(manifest, "yaw", [30, 0], 0)
    with pytest.raises(InputError, match="Use wider bins"):
        factor_bins(manifest, "yaw", [100, 200], 0)


def test_a_rendered_set_brings_the_truth_that_ranks_its_pairs(smoke_set):
    images = read_manifest(smoke_set).images
    with np.load(smoke_set / "truth.npz") as stored:
        truth = dict(stored)
    pool = candidates(images, "twin")
    pairs = hard_twin_pairs(images, truth_hardness(images, truth, pool), seed=0)
    check_pairs(pairs, "hard_twin")
    assert set(pairs["kind"]) == {"genuine", "twin"}


def test_an_index_counts_for_nothing_and_unknown_images_are_refused(manifest):
    pool = candidates(manifest, "twin")
    wanted = nuisance_distance(manifest, pool)
    order = np.random.default_rng(0).permutation(len(manifest))
    moved, listed = manifest.iloc[order].set_axis(np.zeros(len(manifest), int), axis=0), pool.set_axis(pool.index[::-1])
    np.testing.assert_allclose(nuisance_distance(moved, listed), wanted)
    hardness = pd.Series(wanted, index=np.random.default_rng(1).permutation(len(pool)))
    pd.testing.assert_frame_equal(hard_twin_pairs(manifest, hardness, 0), hard_twin_pairs(manifest, wanted, 0))
    with pytest.raises(InputError, match=r"pairs.image_a: 'nobody' is no image of the data set"):
        nuisance_distance(manifest, pool.assign(image_a="nobody"))
    with pytest.raises(InputError, match=r"manifest.image: .* occurs twice"):
        nuisance_distance(pd.concat([manifest, manifest[:1]]), pool)
