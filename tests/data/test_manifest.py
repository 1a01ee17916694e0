import pandas as pd
import pytest

from twinlib.data.manifest import COLUMNS, dataset_root, read_manifest
from twinlib.errors import InputError

ROWS = [
    ("i0", "images/0.jpg", "f1-a", "f1", "train", "mz"),
    ("i1", "images/1.jpg", "f1-b", "f1", "train", "mz"),
    ("i2", "images/2.jpg", "f2-a", "f2", "test", "single"),
]


def write(root, rows, columns=COLUMNS):
    pd.DataFrame(rows, columns=list(columns)).to_csv(root / "manifest.csv", index=False)
    return root


def test_reads_rows_in_order_and_keeps_row_numbers_in_a_split(tmp_path):
    manifest = read_manifest(write(tmp_path, ROWS))
    assert list(manifest.images["image"]) == ["i0", "i1", "i2"]
    assert list(manifest.split("test").index) == [2]
    assert len(manifest.sha256) == 64


def test_ids_that_look_like_numbers_or_missing_values_stay_text(tmp_path):
    rows = [("001", "a", "007", "NA", "train", "mz"), ("002", "b", "008", "NA", "train", "mz")]
    manifest = read_manifest(write(tmp_path, rows))
    assert list(manifest.images["subject"]) == ["007", "008"]
    assert list(manifest.images["family"]) == ["NA", "NA"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("i0", "x", "f3-a", "f3", "test", "mz"), "image 'i0' stands twice"),
        (("i3", "x", "f1-c", "f1", "test", "mz"), "family 'f1' is in more than one split: train, test"),
        (("i3", "x", "f1-a", "f9", "train", "mz"), "subject 'f1-a' is in more than one family: f1, f9"),
        (
            ("i3", "x", "f3-a", "f3", "eval", "mz"),
            "split 'eval' is unknown; known: train, .*also training",
        ),
        (("i3", "x", "f3-a", "f3", "test", "MX"), "relation 'MX' is unknown; known: mz, dz"),
        (("i3", "x", None, "f3", "test", "mz"), "row 5 has no subject"),
    ],
)
def test_bad_rows_are_refused_by_name(tmp_path, row, message):
    with pytest.raises(InputError, match=message):
        read_manifest(write(tmp_path, [*ROWS, row]))


def test_missing_file_column_split(tmp_path):
    with pytest.raises(InputError, match="twinlib synth"):
        read_manifest(tmp_path)
    write(tmp_path, [row[:-1] for row in ROWS], COLUMNS[:-1])
    with pytest.raises(InputError, match="column 'relation' is missing"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.csv").write_text("")
    with pytest.raises(InputError, match="not a readable CSV"):
        read_manifest(tmp_path)
    with pytest.raises(InputError, match="no image in split 'validation'"):
        read_manifest(write(tmp_path, ROWS)).split("validation")


def test_a_path_with_a_manifest_wins_over_a_name(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    assert dataset_root(str(write(tmp_path, ROWS))) == tmp_path
    assert dataset_root("smoke") == tmp_path / "build/data/smoke"


def test_another_generator_is_another_data_set(tmp_path):
    plain = read_manifest(write(tmp_path, ROWS)).sha256
    hashes = set()
    for version in ("1", "2", "2"):
        (tmp_path / "dataset.json").write_text(f'{{"generator_version": "{version}"}}')
        hashes.add(read_manifest(tmp_path).sha256)
    assert len(hashes | {plain}) == 3
