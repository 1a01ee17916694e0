import os
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from twinlib.data import photos
from twinlib.data.photos import PhotoReader, list_photos
from twinlib.errors import InputError


def save(path, shade: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (shade, shade, shade)).save(path)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "photos"
    for i, name in enumerate(["b/img10.png", "b/img2.PNG", "ä 顔.webp", "a.jpg"]):
        save(root / name, 10 * i)
    save(root / ".hidden.png")
    save(root / ".cache" / "x.png")
    (root / "notes.txt").write_text("no photograph")
    (root / "b" / "broken.heic").write_bytes(b"?")
    return root


def test_folder_in_natural_order_without_hidden_and_other_files(folder):
    listed = list_photos(folder)
    assert listed.images == ["a.jpg", "b/broken.heic", "b/img2.PNG", "b/img10.png", "ä 顔.webp"]
    assert listed.images == listed.paths
    assert list_photos(folder, limit=2).images == listed.images[:2]
    assert listed.manifest_sha256 == ""


def test_results_below_the_folder_are_not_photographs(folder):
    save(folder / "out" / "crop.png")
    assert "out/crop.png" in list_photos(folder).images
    assert "out/crop.png" not in list_photos(folder, skip=folder / "out").images


def test_hash_follows_names_and_contents(folder):
    before = list_photos(folder).sha256
    assert list_photos(folder).sha256 == before
    save(folder / "a.jpg", 200)
    os.utime(folder / "a.jpg", ns=(1, 1))
    assert list_photos(folder).sha256 != before


def test_zip_reads_the_same_photographs(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for name in list_photos(folder).images:
            archive.write(folder / name, name)
        archive.writestr("__MACOSX/a.jpg", b"")
        archive.writestr("b/", b"")
    listed = list_photos(tmp_path / "z.zip")
    assert listed.images == list_photos(folder).images
    with PhotoReader(tmp_path / "z.zip") as zipped, PhotoReader(folder) as plain:
        for path in ("a.jpg", "ä 顔.webp"):
            np.testing.assert_array_equal(zipped.read(path), plain.read(path))
        for reader in (zipped, plain):
            with pytest.raises(InputError, match=r"^b/broken\.heic is not an image"):
                reader.read("b/broken.heic")


def test_single_photograph(folder):
    listed = list_photos(folder / "a.jpg")
    assert (listed.source, listed.images) == (folder, ["a.jpg"])


def manifest(root, paths) -> None:
    columns = {"image": [f"i{i}" for i in range(len(paths))], "path": paths, "subject": "s-a", "family": "s"}
    pd.DataFrame(columns | {"split": "train", "relation": "single"}).to_csv(root / "manifest.csv", index=False)


def test_data_set_in_the_order_of_its_manifest(folder):
    manifest(folder, ["b/img10.png", "a.jpg", "gone.png"])
    listed = list_photos(folder)
    assert listed.images == ["i0", "i1", "i2"]
    assert listed.paths == ["b/img10.png", "a.jpg", "gone.png"]
    assert len(listed.manifest_sha256) == 64
    with PhotoReader(folder) as reader, pytest.raises(InputError, match="does not exist"):
        reader.read("gone.png")


def test_data_set_rendered_anew_is_noticed_but_not_a_mere_copy(folder):
    manifest(folder, ["a.jpg"])
    before = list_photos(folder).sha256
    os.utime(folder / "a.jpg", ns=(1, 1))
    assert list_photos(folder).sha256 == before
    Image.effect_noise((64, 64), 50).save(folder / "a.jpg")
    assert list_photos(folder).sha256 != before


def test_links_out_of_the_folder_are_listed_and_refused(folder, tmp_path):
    save(tmp_path / "elsewhere" / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "elsewhere" / "secret.png")
    (folder / "linked").symlink_to(folder / "b")
    (folder / "dangling.png").symlink_to(folder / "nothing.png")
    (folder / "inside.png").symlink_to(folder / "b" / "img10.png")
    images = list_photos(folder).images
    assert "linked/img10.png" not in images
    assert {"link.png", "dangling.png", "inside.png"} <= set(images)
    with PhotoReader(folder) as reader:
        assert reader.read("inside.png").shape == (6, 8, 3)
        with pytest.raises(InputError, match="link out of the folder"):
            reader.read("link.png")
        with pytest.raises(InputError, match="does not exist"):
            reader.read("dangling.png")


def test_names_that_are_no_utf8_are_shown_as_codes(folder):
    try:
        save(folder / os.fsdecode(b"caf\xe9.png"))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    listed = list_photos(folder)
    assert "caf\\xe9.png" in listed.images
    with PhotoReader(folder) as reader:
        assert reader.read(listed.paths[listed.images.index("caf\\xe9.png")]).shape == (6, 8, 3)


def test_damaged_zip_member_is_refused_and_others_survive(folder, tmp_path):
    file = tmp_path / "z.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "a.jpg", "a.jpg")
        archive.write(folder / "b" / "img10.png", "b.png")
    data = bytearray(file.read_bytes())
    data[60:90] = bytes(30)
    file.write_bytes(data)
    with PhotoReader(file) as reader:
        with pytest.raises(InputError, match=r"a\.jpg is damaged in the zip"):
            reader.read("a.jpg")
        assert reader.read("b.png").shape == (6, 8, 3)


def test_encrypted_and_huge_zip_members_are_refused(folder, tmp_path, monkeypatch):
    file = tmp_path / "z.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "a.jpg", "a.jpg")
        archive.writestr("bomb.png", bytes(3_000_000))
    monkeypatch.setattr(photos, "MAX_BYTES", 2_000_000)
    with PhotoReader(file) as reader, pytest.raises(InputError, match="unpacks to 3 MB; the limit is 2 MB"):
        reader.read("bomb.png")
    data = bytearray(file.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the table of contents
    file.write_bytes(data)
    with PhotoReader(file) as reader, pytest.raises(InputError, match="encrypted"):
        reader.read("a.jpg")


def test_refusals(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(InputError, match="does not exist"):
        list_photos(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no photograph"):
        list_photos(tmp_path / "empty")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.writestr("in/faces.zip", b"")
    with pytest.raises(InputError, match=r"no photograph\. Unpack in/faces\.zip"):
        list_photos(tmp_path / "outer.zip")
    with pytest.raises(InputError, match="no readable zip"):
        list_photos(tmp_path / "x.zip")
    with pytest.raises(InputError, match="1 or more"):
        list_photos(folder, limit=0)


def test_raw_bytes_are_those_of_the_file(folder, tmp_path):
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(folder / "a.jpg", "a.jpg")
    for source in (folder, archive):
        with PhotoReader(source) as reader:
            assert reader.raw("a.jpg") == (folder / "a.jpg").read_bytes()
    with PhotoReader(folder) as reader, pytest.raises(InputError, match=r"c\.jpg does not exist"):
        reader.raw("c.jpg")


def test_raw_bytes_stay_in_the_folder_and_below_the_limit(folder, tmp_path, monkeypatch):
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    monkeypatch.setattr(photos, "MAX_BYTES", 10)
    with PhotoReader(folder) as reader:
        with pytest.raises(InputError, match="link out of the folder"):
            reader.raw("link.png")
        with pytest.raises(InputError, match="larger than"):
            reader.raw("a.jpg")
