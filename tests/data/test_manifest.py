from dataclasses import replace

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
        (("i0", "x", "f3-a", "f3", "test", "mz"), "image 'i0' occurs twice"),
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


SPELLED = "Image;File Name;Person;Fam;Set;Zygosity;yaw\r\n" + "".join(
    f"{image};{path};{who};f;{split};{relation};1,5\r\n"
    for image, path, who, split, relation in (
        ("001", r"images\a\1.jpg", "Zoë", "Val", "MZ"),
        ("NA", "images/a/2.JPG", "Zoe\u0308 ", "dev", "Monozygotic"),
        ("1e5", r"D:\faces\images\b\3.jpg", "None", "valid", "identical twins"),
    )
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_manifest_as_people_have_it(tmp_path, encoding):
    for path in ("a/1.jpg", "a/2.jpeg", "b/3.JPG"):
        (tmp_path / "images" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / path).touch()
    (tmp_path / "manifest.csv").write_bytes(SPELLED.encode(encoding))
    images = read_manifest(tmp_path).images
    assert list(images["image"]) == ["001", "NA", "1e5"]
    assert list(images["path"]) == ["images/a/1.jpg", "images/a/2.jpeg", "images/b/3.JPG"]
    assert list(images["subject"]) == ["Zoë", "Zoë", "None"]
    assert set(images["split"]) == {"validation"}
    assert set(images["relation"]) == {"mz"}
    assert len(read_manifest(tmp_path).split("val")) == 3


def test_another_encoding_is_noted_and_one_column_of_names_is_enough(tmp_path):
    (tmp_path / "manifest.csv").write_bytes("path,subject,family,split,relation\nä.jpg,s,f,train,MZ\n".encode("cp1252"))
    manifest = read_manifest(tmp_path)
    assert manifest.notes == ("manifest.csv is no UTF-8; it was read as Windows-1252.",)
    assert list(manifest.images["image"]) == list(manifest.images["path"]) == ["ä.jpg"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",".join(COLUMNS) + "\n", "no row"),
        (",".join(COLUMNS) + "\na,b,c\n", "line 2 has 3 cells, its head 6"),
        (",".join(COLUMNS) + ",Image\na,a,s,f,train,mz,a\n", "both mean image"),
        (",".join(COLUMNS) + '\na,a,"s\nt",f,train,mz\n', "row 2: subject holds a line break"),
        (",".join(COLUMNS) + "\n\na,a,s,,train,mz\n", "row 3 has no family"),
    ],
)
def test_broken_manifests_are_one_named_error(tmp_path, text, message):
    (tmp_path / "manifest.csv").write_text(text)
    with pytest.raises(InputError, match=rf"manifest\.csv.*{message}"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.csv").write_text(",".join(COLUMNS) + "\na,a,s,f,train,mz\n")
    (tmp_path / "dataset.json").write_text("[]")
    with pytest.raises(InputError, match=r"dataset\.json: wanted an object"):
        read_manifest(tmp_path)


def test_rows_are_counted_by_position_whatever_the_index(tmp_path):
    manifest = read_manifest(write(tmp_path, ROWS))
    again = replace(manifest, images=manifest.images.set_axis([2, 0, 1], axis=0))
    assert list(again.split("test").index) == [2]
    for missing in (" ", "\t"):
        with pytest.raises(InputError, match="row 5 has no family"):
            read_manifest(write(tmp_path, [*ROWS, ("i3", "x", "f3-a", missing, "test", "mz")]))
