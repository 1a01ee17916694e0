import numpy as np
import pytest

from twinlib.data.check.facts import exact_groups, near_groups
from twinlib.data.check.findings import duplicate_findings, file_findings, images_table, people_findings, quantiles
from twinlib.data.check.inventory import facts_of, take


@pytest.fixture
def looked(tree, tmp_path):
    inventory = take(tree)
    facts = facts_of(inventory.photos, tmp_path / "out")
    exact = exact_groups(facts["sha256"], facts["readable"])
    return inventory, facts, exact, near_groups(facts["fingerprint"], facts["readable"])


def test_known_faults_are_found(looked):
    inventory, facts, exact, near = looked
    found = {one.what: one for one in duplicate_findings(inventory, exact, near)}
    assert found["one file under two people"].severity == "error"
    assert found["one file under two people"].examples == ("c/1.jpg = f/wrong.jpg",)
    assert found["files that occur twice"].count == 2
    assert found["nearly the same picture twice"].examples == ("c/0.jpg = c/resized.jpg",)
    assert "one file in two splits" not in found
    files = {one.what: one for one in file_findings(inventory, facts)}
    assert files["unreadable or missing files"].examples[0].startswith("e/3.jpg is truncated")


def test_people(looked):
    inventory, facts, _, _ = looked
    readable = facts["readable"].copy()
    readable[(inventory.table["subject"] == "a").to_numpy()] = False
    of_b = np.flatnonzero((inventory.table["subject"] == "b").to_numpy())
    readable[of_b[1:]] = False
    found = {one.what: one for one in people_findings(inventory, readable)}
    assert found["people without a readable image"].examples == ("a",)
    assert found["people with one image"].examples == ("b",)
    assert found["families of more than two people"].count == 1
    assert "is a chain" in found["notes on the list"].examples[0]


def test_a_picture_in_two_splits_is_an_error(looked):
    inventory, _, exact, near = looked
    inventory.table.loc[inventory.table["image"] == "c/resized.jpg", "split"] = "test"
    inventory.table.loc[inventory.table["image"] == "c/0.jpg", "split"] = "train"
    found = {one.what: one.severity for one in duplicate_findings(inventory, exact, near)}
    assert found["nearly the same picture in two splits"] == "error"


def test_table_has_a_row_an_image(looked):
    table = images_table(*looked)
    assert len(table) == len(looked[0].table)
    same = table[table["same_file"].notna()].groupby("same_file")["image"].apply(set).tolist()
    assert {"b/0.jpg", "b/copy.jpg"} in same
    assert not table.loc[table["image"] == "e/3.jpg", "readable"].item()


def test_quantiles():
    assert quantiles(np.array([np.nan])) == {}
    found = quantiles(np.array([3.0, 1.0, 2.0, np.nan]))
    assert (found["0"], found["0.5"], found["1"]) == (1.0, 2.0, 3.0)
