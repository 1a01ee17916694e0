import pandas as pd
import pytest

from twinlib.data.splits import cut_validation, split_families
from twinlib.errors import InputError


def people(families=40, singles=20):
    rows = [(f"f{i}", f"f{i}{who}", "mz") for i in range(families) for who in "ab"]
    rows += [(f"s{i}", f"s{i}", "single") for i in range(singles)]
    return pd.DataFrame(rows, columns=["family", "subject", "relation"])


def test_every_relation_is_cut_in_the_same_shares_and_no_family_is_torn():
    table = split_families(people(), 0.15, 0.25, seed=3)
    assert (table.groupby("family")["split"].nunique() == 1).all()
    counts = table.groupby(["relation", "split"])["family"].nunique().to_dict()
    assert counts == {
        ("mz", "train"): 24, ("mz", "validation"): 6, ("mz", "test"): 10,
        ("single", "train"): 12, ("single", "validation"): 3, ("single", "test"): 5,
    }  # fmt: skip


def test_row_order_and_other_relations_move_nobody():
    table = split_families(people(), seed=1).set_index("subject")["split"]
    shuffled = split_families(people().sample(frac=1, random_state=0), seed=1).set_index("subject")["split"]
    assert shuffled[table.index].equals(table)
    alone = split_families(people(singles=0), seed=1).set_index("subject")["split"]
    assert table[alone.index].equals(alone)
    assert not split_families(people(), seed=2).set_index("subject")["split"].equals(table)


def test_a_split_that_is_there_is_kept():
    given = people().assign(split=lambda table: table["family"].map({"f0": "test", "f1": "train"}))
    table = split_families(given, 0.2, 0.0).drop_duplicates("family").set_index("family")["split"]
    assert (table["f0"], table["f1"]) == ("test", "train")
    assert table.notna().all()
    assert (table == "test").sum() == 1


def test_validation_is_cut_from_train_alone():
    given = people().assign(split=lambda table: ["test" if name < "f2" else "train" for name in table["family"]])
    table = cut_validation(given, 0.25)
    assert (table["split"] == "test").equals(given["split"] == "test")
    assert (table.groupby("family")["split"].nunique() == 1).all()
    train = given[given["split"] == "train"].groupby("relation")["family"].nunique()
    held = table[table["split"] == "validation"].groupby("relation")["family"].nunique()
    assert held.to_dict() == {relation: round(0.25 * n) for relation, n in train.items()}


@pytest.mark.parametrize("shares", [(0.5, 0.5), (-0.1, 0.2), (0.2, 1.0)])
def test_impossible_shares_are_refused(shares):
    with pytest.raises(InputError, match="wanted a sum below 1"):
        split_families(people(), *shares)


@pytest.mark.parametrize("missing", [None, float("nan"), "", " "], ids=repr)
@pytest.mark.parametrize("column", ["family", "relation"])
def test_a_missing_family_is_refused_with_its_row(column, missing):
    table = people(3, 0)
    table.loc[2, column] = missing
    with pytest.raises(InputError, match=rf"table.{column}: 1 of 6 values are missing.*\(rows 2,"):
        split_families(table)


def test_an_index_counts_for_nothing():
    given = people().assign(split=lambda table: ["test" if name < "f2" else "train" for name in table["family"]])
    wanted = cut_validation(given, 0.25)["split"].tolist()
    for index in ([0] * len(given), given.index[::-1]):
        assert cut_validation(given.set_axis(index, axis=0), 0.25)["split"].tolist() == wanted
