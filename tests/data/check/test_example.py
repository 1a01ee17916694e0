import numpy as np
import pandas as pd
import pytest

from twinlib.data.check.example import make_example
from twinlib.data.check.report import check
from twinlib.data.manifest import Manifest, read_manifest
from twinlib.errors import InputError
from twinlib.faces.images import read_image
from twinlib.figures.gallery import rendered


def test_every_fault_is_found(smoke_set, tmp_path):
    root = make_example(read_manifest(smoke_set), tmp_path / "own")
    assert rendered(root)
    found = {one.what.split(" (")[0]: one for one in check(root, out=tmp_path / "out").found}
    assert found["one file under two people"].severity == "error"
    assert found["unreadable or missing files"].count == 2
    for what in ("nearly the same picture twice", "blurred pictures", "dark pictures", "pictures that are grey"):
        assert found[what].count >= 1, what
    assert found["pictures that are turned by EXIF"].count == 1
    assert "is a chain" in found["notes on the list"].examples[0]
    assert read_image(next(root.rglob("lying.jpg"))).shape == (160, 160, 3)
    before = np.sort([path.name for path in root.rglob("*")])
    assert (np.sort([path.name for path in make_example(read_manifest(smoke_set), root).rglob("*")]) == before).all()


def test_too_few_twins(tmp_path):
    images = pd.DataFrame({"image": ["a"], "path": ["a"], "subject": "s", "family": "f", "relation": ["mz"]})
    with pytest.raises(InputError, match="1 families of identical twins"):
        make_example(Manifest(tmp_path, images, ""), tmp_path / "own")
