import pytest
from PIL import Image

from twinlib.data.readers import Source, read, write_bin, write_npz
from twinlib.errors import InputError


@pytest.fixture
def root(tmp_path):
    for name in ("a/1", "a/2", "b/1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8), (len(name), ord(name[0]), ord(name[2]))).save(tmp_path / f"{name}.png")
    (tmp_path / "pairs.json").write_text('[["a", "b"]]')
    (tmp_path / "list.csv").write_text("image_a,image_b,same\na/1.png,a/2.png,1\na/1.png,b/1.png,0\n")
    return tmp_path


def test_the_format_is_guessed(root):
    images = [(root / name).read_bytes() for name in ("a/1.png", "a/2.png", "a/1.png", "b/1.png")]
    write_bin(root / "x.bin", images, [True, False])
    write_npz(root / "x.npz", images, [True, False])
    assert read(Source(root)).pairs is None
    listed = read(Source(root, root / "list.csv"))
    sources = [Source(root / "x.bin", trust=True, folds=1), Source(root / "x.npz", folds=1)]
    for other in (read(source) for source in sources):
        assert list(other.pairs["same"]) == list(listed.pairs["same"])
        with other.reading() as here, listed.reading() as there:
            assert [here(path) for path in other.images["path"]] == [there(path) for path in listed.images["path"]]


def test_refusals(root):
    with pytest.raises(InputError, match="format 'lmdb' is unknown; known: auto, bin, npz, rec, pairs, ndtwin"):
        read(Source(root), "lmdb")
    with pytest.raises(InputError, match="does not exist"):
        read(Source(root / "none"))
    with pytest.raises(InputError, match="needs a pair list"):
        read(Source(root), "pairs")
