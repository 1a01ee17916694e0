import pandas as pd
import pytest

from twinlib.data.manifest import read_manifest
from twinlib.data.splits import resplit
from twinlib.errors import InputError


def write(root, split=None, people=("a", "b"), families=20) -> None:
    rows = [(f"f{f}", f"f{f}-{p}", f"f{f}-{p}-{i}") for f in range(families) for p in people for i in range(2)]
    table = pd.DataFrame(rows, columns=["family", "subject", "image"]).assign(path="x.png", relation="mz", yaw=1.5)
    if split:
        table["split"] = table["family"].map(split).fillna("")
    table.to_csv(root / "manifest.csv", index=False)


def test_families_are_whole_and_seeds_differ(tmp_path):
    write(tmp_path)
    first = resplit(tmp_path, 0.2, 0.1, seed=1)
    assert (first.groupby("family")["split"].nunique() == 1).all()
    families = first.drop_duplicates("family")["split"].value_counts()
    assert families.to_dict() == {"train": 14, "validation": 4, "test": 2}
    assert read_manifest(tmp_path).images["split"].tolist() == first["split"].tolist()
    assert "yaw" in read_manifest(tmp_path).images
    again = resplit(tmp_path, 0.2, 0.1, seed=1, overwrite=True)
    assert again["split"].tolist() == first["split"].tolist()
    assert resplit(tmp_path, 0.2, 0.1, seed=2, overwrite=True)["split"].tolist() != first["split"].tolist()


def test_splits_are_not_lost_by_accident(tmp_path):
    write(tmp_path, {"f0": "test"})
    before = (tmp_path / "manifest.csv").read_bytes()
    with pytest.raises(InputError, match=r"has splits.*--keep.*--overwrite"):
        resplit(tmp_path)
    assert (tmp_path / "manifest.csv").read_bytes() == before
    kept = resplit(tmp_path, keep=True)
    assert set(kept["split"][kept["family"] == "f0"]) == {"test"}
    assert kept["split"].isin(["train", "validation", "test"]).all()


def test_a_family_in_two_splits_is_refused(tmp_path):
    write(tmp_path, {"f0": "test"})
    table = pd.read_csv(tmp_path / "manifest.csv")
    table.loc[0, "split"] = "train"
    table.to_csv(tmp_path / "manifest.csv", index=False)
    with pytest.raises(InputError, match=r"family 'f0' is in more than one split"):
        resplit(tmp_path, keep=True)


def test_a_subject_in_two_families_is_refused(tmp_path):
    write(tmp_path)
    table = pd.read_csv(tmp_path / "manifest.csv")
    table.loc[0, "subject"] = "f1-a"
    table.to_csv(tmp_path / "manifest.csv", index=False)
    with pytest.raises(InputError, match="'f1-a' is in more than one family"):
        resplit(tmp_path)


def test_no_manifest(tmp_path):
    with pytest.raises(InputError, match="twinlib data import"):
        resplit(tmp_path)
