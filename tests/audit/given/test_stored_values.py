import zipfile

import numpy as np
import pytest

from twinlib.audit.given.stored_values import Embeddings, Scores, plain
from twinlib.errors import InputError

NAMES = ["audit/f1-a-00", "images/audit/f1-a-01.jpg", "./images\\audit\\f1-b-00.jpg"]
E = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 2.0]], np.float32)


def stored(tmp_path, **arrays):
    np.savez(tmp_path / "e.npz", **arrays)
    return tmp_path / "e.npz"


def test_embeddings_are_found_by_name_and_have_length_one(tmp_path):
    found = Embeddings(stored(tmp_path, names=NAMES, emb=E))
    np.testing.assert_allclose(found.of(["audit/f1-b-00", "audit/f1-a-00"]), [[0, 1], [0.6, 0.8]], rtol=1e-6)


@pytest.mark.parametrize(
    ("arrays", "match"),
    [
        ({"names": NAMES}, "holds no arrays names and emb"),
        ({"names": NAMES[:2], "emb": E}, r"found 2 names, float32 \[3, 2\]"),
        ({"names": NAMES, "emb": E.ravel()}, r"float32 \[6\]"),
        ({"names": NAMES, "emb": E.astype(int)}, "int64"),
        ({"names": NAMES, "emb": np.where(E == 2, np.nan, E)}, r"f1-b-00\.jpg is NaN.*1 such"),
        ({"names": NAMES, "emb": np.where(E == 1, 0, E)}, "f1-a-01.*all zero"),
        ({"names": [*NAMES[:2], "audit/f1-a-00.jpg"], "emb": E}, r"'audit/f1-a-00\.jpg' occurs twice"),
        ({"names": np.array(NAMES, object), "emb": E}, "holds no arrays"),
        ({"names": [NAMES] * 3, "emb": E}, "found 0 names"),
        ({"names": "a", "emb": E}, "found 0 names"),
        ({"names": NAMES, "emb": np.where(E == 0, E, np.float32(np.inf))}, "is NaN, infinite or all zero"),
        ({"names": NAMES, "emb": E.astype(complex)}, "complex128"),
    ],
)
def test_bad_embeddings_are_refused(tmp_path, arrays, match):
    with pytest.raises(InputError, match=match):
        Embeddings(stored(tmp_path, **arrays))


def test_names_may_be_bytes_and_numbers_of_any_size(tmp_path):
    found = Embeddings(stored(tmp_path, names=np.array([b"a", b"b", b"c"]), emb=E.astype(np.float64) * 1e-60))
    np.testing.assert_allclose(found.of(["b", "a"]), [[1, 0], [0.6, 0.8]], rtol=1e-6)


def test_a_forged_size_is_named(tmp_path):
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (900000000000, 128), }".ljust(117) + b"\n"
    with zipfile.ZipFile(tmp_path / "e.npz", "w") as archive:
        for name in ("names", "emb"):
            archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00v\x00" + head)
    with pytest.raises(InputError, match=r"e\.npz holds no arrays"):
        Embeddings(tmp_path / "e.npz")


def test_missing_names_are_listed(tmp_path):
    found = Embeddings(stored(tmp_path, names=NAMES, emb=E))
    with pytest.raises(InputError, match=r"e\.npz lacks 4 \(a, b, c, …\) of 5 images"):
        found.of(["audit/f1-a-00", "a", "b", "c", "d"])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken"])
def test_what_is_no_npz_is_named(tmp_path, content):
    (tmp_path / "e.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"e\.npz holds no arrays"):
        Embeddings(tmp_path / "e.npz")
    with pytest.raises(InputError, match="does not exist"):
        Embeddings(tmp_path / "none.npz")


def listed(tmp_path, *lines, head="image_a,image_b,score"):
    (tmp_path / "s.csv").write_text("\n".join([head, *lines]))
    return tmp_path / "s.csv"


def test_scores_are_found_in_either_order(tmp_path):
    found = Scores(listed(tmp_path, "images/a.jpg,images/b.jpg,0.5", "c,a,-2"))
    np.testing.assert_array_equal(found.of(["b", "a"], ["a", "c"]), [0.5, -2])
    semicolons = Scores(listed(tmp_path, "a;b;0,5", head="Image A;Image B;Similarity"))
    assert semicolons.of(["a"], ["b"]) == [0.5]


@pytest.mark.parametrize(
    ("lines", "head", "match"),
    [
        (["a,b,nan"], "image_a,image_b,score", r"row 2: wanted a number, found 'nan'"),
        (["a,b,0.5", "a,c,"], "image_a,image_b,score", "row 3: wanted a number"),
        (["a,b,high"], "image_a,image_b,score", "found 'high'"),
        (["a,b,0.5", "b,a,0.4"], "image_a,image_b,score", "row 3: the pair a b occurs twice"),
        (["a,b"], "image_a,image_b", r"lacks the columns \['score'\]"),
        (["a,b,0.5,1"], "image_a,image_b,score", "line 2 has 4 cells"),
    ],
)
def test_bad_scores_are_refused_with_their_row(tmp_path, lines, head, match):
    with pytest.raises(InputError, match=rf"s\.csv.*{match}"):
        Scores(listed(tmp_path, *lines, head=head))


def test_missing_pairs_are_listed(tmp_path):
    with pytest.raises(InputError, match=r"s\.csv lacks 1 \(a z\) of 2 pairs"):
        Scores(listed(tmp_path, "a,b,1")).of(["b", "z"], ["a", "a"])


def test_names_are_plain():
    assert {plain(name) for name in ("set/a", "images/set/a.jpg", ".\\images\\set\\a.jpg")} == {"set/a"}
