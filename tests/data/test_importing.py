import io
import json
import os
import unicodedata

import pandas as pd
import pytest
from PIL import Image

from twinlib.data.importing import export_folders, import_set, packable
from twinlib.data.manifest import read_manifest
from twinlib.data.pairs import read_pairs
from twinlib.data.readers import Source, packed, read, read_bin, write_bin
from twinlib.errors import InputError


def photo(*colour):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def tree(tmp_path):
    """20 twin pairs and a triplet, one photograph each, one name with a space."""
    root = tmp_path / "faces"
    people = [f"{i:02d}{who}" for i in range(20) for who in "ab"] + ["t a", "tb", "tc"]
    for n, who in enumerate(people):
        (root / who).mkdir(parents=True)
        (root / who / "1.jpg").write_bytes(photo(6 * n, 0, 0))
    pairs = [[f"{i:02d}a", f"{i:02d}b"] for i in range(20)] + [["t a", "tb"], ["tb", "tc"], ["t a", "tc"]]
    (root / "pairs.json").write_text(json.dumps(pairs))
    return root


def test_a_tree_becomes_a_data_set_and_a_tree_again(tree, tmp_path):
    done = import_set(read(Source(tree)), tmp_path / "set")
    assert (done.images, done.subjects, done.families, done.pairs) == (43, 43, 21, 0)
    assert "note: family t a, tb, tc is one of 3" in str(done)
    manifest = read_manifest(tmp_path / "set")
    assert manifest.images.drop_duplicates("family")["split"].value_counts().to_dict() == {
        "train": 15, "validation": 3, "test": 3,
    }  # fmt: skip
    assert export_folders(manifest, tmp_path / "again") == 43
    before, after = ({file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*.jpg")}
                     for root in (tree, tmp_path / "again"))  # fmt: skip
    assert before == after
    pairs = [
        {frozenset(pair) for pair in json.loads((root / "pairs.json").read_text())}
        for root in (tree, tmp_path / "again")
    ]
    assert pairs[0] == pairs[1]


def test_folder_to_bin_to_folder_keeps_bytes_and_pairs(tree, tmp_path):
    rows = [("00a/1.jpg", "00b/1.jpg", 1), ("01a/1.jpg", "02a/1.jpg", 0), ("00a/1.jpg", "02a/1.jpg", 0)]
    table = pd.DataFrame(rows, columns=["image_a", "image_b", "same"])
    table.to_csv(tmp_path / "list.csv", index=False)
    images, same = packable(read(Source(tree, tmp_path / "list.csv")))
    write_bin(tmp_path / "x.bin", images, same)
    import_set(packed(*read_bin(tmp_path / "x.bin", trust=True), 1, "x.bin"), tmp_path / "set")
    pairs = read_pairs(tmp_path / "set" / "pairs.csv")
    assert list(pairs["same"]) == list(table["same"])
    path_of = read_manifest(tmp_path / "set").images.set_index("image")["path"]
    for side in ("image_a", "image_b"):
        for ours, theirs in zip(pairs[side], table[side], strict=True):
            assert (tmp_path / "set" / path_of[ours]).read_bytes() == (tree / theirs).read_bytes()
    again, same_again = packable(read(Source(tmp_path / "set", tmp_path / "set" / "pairs.csv")))
    assert (again, same_again) == (images, same)


def test_repeated_pairs_are_left_out_and_noted(tmp_path):
    a, b = photo(99, 0, 0), photo(0, 99, 0)
    done = import_set(packed([a, b, b, a, a, a], [True, True, True], 1, "x.bin"), tmp_path / "set")
    assert (done.images, done.pairs) == (2, 1)
    assert "2 pairs were left out" in str(done)


def test_names_stay_below_the_folder(tmp_path):
    found = packed([photo(99, 0, 0), photo(0, 99, 0)], [True], 1, "x.bin")
    found.images["path"] = ["../../up.jpg", "/etc/top.jpg"]
    found.source.update(zip(found.images["path"], list(found.source.values()), strict=True))
    import_set(found, tmp_path / "set")
    assert sorted(read_manifest(tmp_path / "set").images["path"]) == ["images/etc/top.jpg", "images/up.jpg"]
    assert not (tmp_path.parent / "up.jpg").exists()


def test_nothing_is_left_behind_when_an_image_is_missing(tree, tmp_path):
    found = read(Source(tree))
    (tree / "00a" / "1.jpg").unlink()
    with pytest.raises(InputError, match=r"00a/1.jpg does not exist"):
        import_set(found, tmp_path / "out" / "set")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_existing_folder_is_kept_unless_told(tree, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="Choose another --out"):
        import_set(read(Source(tree)), tmp_path / "set")
    assert (tmp_path / "set" / "mine.txt").read_text() == "mine"
    import_set(read(Source(tree)), tmp_path / "set", overwrite=True)
    assert read_manifest(tmp_path / "set").images["family"].nunique() == 21
    with pytest.raises(InputError, match="exists"):
        export_folders(read_manifest(tmp_path / "set"), tree)


def test_a_bin_needs_pairs(tree):
    with pytest.raises(InputError, match="there is no pair list"):
        packable(read(Source(tree)))


def test_unreadable_images_are_noted_or_refused(tree, tmp_path):
    (tree / "00a" / "1.jpg").write_bytes(b"text")
    done = import_set(read(Source(tree)), tmp_path / "set")
    assert "note: 1 images cannot be read and are left out of everything. The first: 00a/1.jpg is not an" in str(done)
    for who in ("01a", "02a"):
        (tree / who / "1.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"3 of 43 images cannot be read.*00a/1\.jpg.*01a/1\.jpg is empty"):
        import_set(read(Source(tree)), tmp_path / "again")
    assert not (tmp_path / "again").exists()
    (tmp_path / "list.csv").write_text("image_a,image_b,same\n00a/1.jpg,03a/1.jpg,0\n")
    with pytest.raises(InputError, match=r"1 of 2 images cannot be read\. The first: 00a/1\.jpg"):
        packable(read(Source(tree, tmp_path / "list.csv")))


def test_names_of_any_system_can_be_written_down(tmp_path):
    found = packed([photo(99, 0, 0), photo(0, 99, 0)], [True], 1, "x.bin")
    names = [unicodedata.normalize("NFD", "Zoë/1.jpg"), os.fsdecode(b"caf\xe9.jpg")]
    found.images["path"], found.images["image"] = names, names
    found.pairs["image_a"], found.pairs["image_b"] = names
    found.source.update(zip(names, list(found.source.values()), strict=True))
    import_set(found, tmp_path / "set")
    manifest = read_manifest(tmp_path / "set")
    assert list(manifest.images["image"]) == ["Zoë/1.jpg", "caf\\xe9.jpg"]
    assert all((tmp_path / "set" / path).is_file() for path in manifest.images["path"])
    assert set(read_pairs(tmp_path / "set" / "pairs.csv")["image_a"]) <= {*manifest.images["image"]}
