import os
import unicodedata
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from twinlib.errors import InputError
from twinlib.faces import photos
from twinlib.faces.photos import PhotoReader, list_photos


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


def test_linked_folders_are_entered_when_asked_each_once(folder, tmp_path):
    save(tmp_path / "disk" / "c" / "1.png")
    save(tmp_path / "disk" / "d" / "2.png")
    (folder / "linked").symlink_to(tmp_path / "disk" / "c")
    (folder / "more").symlink_to(tmp_path / "disk")  # holds the folder of the first link, which was seen then
    (tmp_path / "disk" / "d" / "back").symlink_to(folder)
    (tmp_path / "disk" / "up").symlink_to(tmp_path)
    (folder / "self").symlink_to(folder)
    with pytest.raises(InputError, match=r"linked is a link to another folder, .*disk/c\. Add --follow-links"):
        list_photos(folder)
    listed = list_photos(folder, follow_links=True)
    assert [path for path in listed.paths if path.endswith(("1.png", "2.png"))] == ["linked/1.png", "more/d/2.png"]
    assert listed.follow_links
    with PhotoReader(folder) as reader, pytest.raises(InputError, match=r"link out of the folder.*--follow-links"):
        reader.read("linked/1.png")
    with PhotoReader(folder, follow_links=True) as reader:
        assert reader.read("more/d/2.png").shape == (6, 8, 3)


def test_what_systems_leave_beside_photographs_is_no_photograph(folder):
    before = list_photos(folder).images
    for name in (
        "._a.jpg",
        "__MACOSX/a.jpg",
        "@eaDir/a.jpg/thumb.jpg",
        "Thumbs.db",
        "desktop.ini",
        "$RECYCLE.BIN/x.jpg",
    ):
        save(folder / name) if name.endswith("jpg") else (folder / name).touch()
    assert list_photos(folder).images == before


def test_names_are_those_of_another_normal_form_and_paths_those_of_the_disk(tmp_path):
    apart = unicodedata.normalize("NFD", "Zoë/1.JPG")
    save(tmp_path / "in" / apart)
    listed = list_photos(tmp_path / "in")
    assert (listed.images, listed.paths) == (["Zoë/1.JPG"], [apart])
    save(tmp_path / "in" / "Zoë/1.JPG")  # both forms on one disk: told apart by their bytes
    assert sorted(list_photos(tmp_path / "in").images) == sorted([apart, "Zoë/1.JPG"])


@pytest.mark.parametrize(("bad", "total"), [(1, 20), (0, 0), (0, 5), (5, 100)])
def test_few_unreadable_images_are_no_error(bad, total):
    photos.refuse_unreadable(["x is empty."] * bad, total, "set")


@pytest.mark.parametrize(("bad", "total"), [(1, 1), (2, 20), (6, 100), (3, 3)])
def test_too_many_unreadable_images_are_one(bad, total):
    with pytest.raises(InputError, match=rf"set: {bad} of {total} images cannot be read.*The first: 0 is empty\."):
        photos.refuse_unreadable([f"{i} is empty." for i in range(bad)], total, "set")
