import numpy as np
import pandas as pd
import pytest

from twinlib.data import protocols
from twinlib.data.pairs import PAIR_COLUMNS, check_pairs
from twinlib.errors import InputError


def manifest(families=24, images=6):
    rows = [
        (f"f{f:02d}-{s}-{i}", f"f{f:02d}-{s}", f"f{f:02d}", split, relation, "mf"[f // 3 % 2], f // 6 % 2)
        for f in range(families)
        for split, relation in [(("train", "validation", "test")[f % 3], "mz" if f % 4 else "sibling")]
        for s in "ab"
        for i in range(images)
    ]
    return pd.DataFrame(rows, columns=["image", "subject", "family", "split", "relation", "sex", "age_bin"])


DRAWS = {"twin": protocols.twin_pairs, "sibling": protocols.sibling_pairs, "general": protocols.general_pairs}


@pytest.mark.parametrize("name", DRAWS)
def test_every_list_keeps_its_promises(name):
    table = manifest()
    pairs = DRAWS[name](table, seed=1, per_family=10)
    check_pairs(pairs, name)
    assert list(pairs) == PAIR_COLUMNS
    images = table.set_index("image")
    a, b = images.loc[pairs.image_a], images.loc[pairs.image_b]
    assert ((a.subject.to_numpy() == b.subject.to_numpy()) == (pairs.same == 1)).all()
    assert (a.family.to_numpy() == pairs.family_a).all()
    assert (b.family.to_numpy() == pairs.family_b).all()
    assert (a.split.to_numpy() == pairs.split).all()
    assert (b.split.to_numpy() == pairs.split).all()
    counts = pairs.groupby(["family_a", "same"]).size().unstack()
    assert (counts[0] == counts[1]).all()
    assert counts.to_numpy().max() == 10
    within = pairs.family_a == pairs.family_b
    assert (within | (pairs.kind == "stranger")).all()
    assert set(pairs.kind) == {"genuine", {"general": "stranger"}.get(name, name)}


@pytest.mark.parametrize("name", DRAWS)
def test_the_seed_alone_decides(name):
    draw = DRAWS[name]
    pd.testing.assert_frame_equal(draw(manifest(), 1), draw(manifest().sample(frac=1, random_state=0), 1))
    assert not draw(manifest(), 1, 4).equals(draw(manifest(), 2, 4))


def test_more_families_do_not_move_a_family():
    few, many = protocols.twin_pairs(manifest(12), 3, 5), protocols.twin_pairs(manifest(24), 3, 5)
    shared = many[many.family_a.isin(few.family_a)]
    pd.testing.assert_frame_equal(few.drop(columns="pair"), shared.drop(columns="pair").reset_index(drop=True))


def test_strangers_share_the_known_bins_where_they_can():
    table = manifest()
    pairs = protocols.general_pairs(table, 0).query("same == 0")
    images = table.set_index("image")
    for column in ("sex", "age_bin"):
        assert (images.loc[pairs.image_a, column].to_numpy() == images.loc[pairs.image_b, column].to_numpy()).all()
    lonely = table.assign(age_bin=np.where(table.family == "f00", 9, table.age_bin))  # nobody else is that old
    pairs = protocols.general_pairs(lonely, 0).query("same == 0 and family_a == 'f00'")
    images = lonely.set_index("image")
    assert (images.loc[pairs.image_a, "sex"].to_numpy() == images.loc[pairs.image_b, "sex"].to_numpy()).all()
    unknown = table.assign(sex=pd.array([None] * len(table), dtype="string"), age_bin=np.nan)
    assert len(protocols.general_pairs(unknown, 0)) == len(protocols.general_pairs(table, 0))


def test_folds_keep_families_whole_and_strangers_inside():
    folded = protocols.assign_folds(manifest().assign(split="test"), 4, seed=0)
    per_fold = folded.groupby("family").fold.unique()
    assert (per_fold.map(len) == 1).all()
    assert per_fold.map(lambda numbers: numbers[0]).value_counts().tolist() == [6, 6, 6, 6]
    pairs = protocols.general_pairs(folded, 0)
    fold = folded.set_index("image").fold
    assert (fold[pairs.image_a].to_numpy() == fold[pairs.image_b].to_numpy()).all()
    assert (fold[pairs.image_a].to_numpy() == pairs.fold.to_numpy()).all()


def test_triplets_show_anchor_twice_and_a_relative_once():
    table = manifest()
    subject, family = (table.set_index("image")[name] for name in ("subject", "family"))
    found = protocols.triplets(table, 0, 12)
    assert (subject[found.anchor].to_numpy() == subject[found.positive].to_numpy()).all()
    assert (found.anchor != found.positive).all()
    assert (subject[found.anchor].to_numpy() != subject[found.negative].to_numpy()).all()
    assert (family[found.anchor].to_numpy() == family[found.negative].to_numpy()).all()
    assert found.groupby("family").size().max() <= 12


def test_lfw_pairs_take_people_as_families(tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("fold,image_a,image_b,same\n1,Ann/Ann_1.jpg,Ann/Ann_2.jpg,1\n2,Bo/Bo_1.jpg,Cy/Cy_1.jpg,0\n")
    pairs = protocols.lfw_pairs(file)
    check_pairs(pairs, "lfw")
    assert pairs.family_a.tolist() == ["Ann", "Bo"]
    assert pairs.kind.tolist() == ["genuine", "stranger"]
    file.write_text("image_a,image_b,same\na,b,1\n")
    with pytest.raises(InputError, match=r"lacks the columns \['fold'\]"):
        protocols.lfw_pairs(file)


def test_refusals():
    with pytest.raises(InputError, match=r"lacks the columns \['relation'\]"):
        protocols.twin_pairs(manifest().drop(columns="relation"), 0)
    with pytest.raises(InputError, match=r"no family with twin pairs; its relations are \['single'\]"):
        protocols.twin_pairs(manifest().assign(relation="single"), 0)
    with pytest.raises(InputError, match="two families in one split"):
        protocols.general_pairs(manifest(1), 0)
    with pytest.raises(InputError, match="no family has both genuine and impostor"):
        protocols.twin_pairs(manifest(4, images=1), 0)


@pytest.mark.parametrize("draw", [*DRAWS.values(), protocols.triplets], ids=lambda draw: draw.__name__)
def test_the_index_of_a_manifest_counts_for_nothing_and_missing_families_are_refused(draw):
    table = manifest()
    shuffled = table.set_axis(np.random.default_rng(0).permutation(len(table)), axis=0)
    for index in (shuffled, table.set_axis(np.zeros(len(table), int), axis=0)):
        pd.testing.assert_frame_equal(draw(index, 1, 5), draw(table, 1, 5))
    for missing in (None, np.nan, " "):
        with pytest.raises(InputError, match=r"manifest.family: 1 of .*\(rows 3,"):
            draw(table.assign(family=[*table.family[:3], missing, *table.family[4:]]), 1, 5)
    with pytest.raises(InputError, match=r"manifest.image: 'f00-a-0' occurs twice"):
        draw(pd.concat([table, table[:1]]), 1, 5)
    with pytest.raises(InputError, match="per_family must be a whole number of at least 1, got 0"):
        draw(table, 1, 0)


@pytest.mark.parametrize("folds", [0, 1, 25])
def test_folds_that_cannot_be_are_refused(folds):
    with pytest.raises(InputError, match=f"folds must be a whole number from 2 to 24, got {folds}"):
        protocols.assign_folds(manifest(), folds, 0)
