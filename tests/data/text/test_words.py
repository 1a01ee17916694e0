import pytest

from twinlib.data.manifest import RELATIONS, SPLITS
from twinlib.data.pairs import KINDS
from twinlib.data.text import words
from twinlib.errors import InputError


@pytest.mark.parametrize(
    ("table", "word", "name"),
    [
        (words.SPLIT, "Val", "validation"), (words.SPLIT, "DEV", "validation"), (words.SPLIT, "valid", "validation"),
        (words.SPLIT, "Training", "train"), (words.SPLIT, "testing", "test"), (words.RELATION, "MZ", "mz"),
        (words.RELATION, "Monozygotic", "mz"), (words.RELATION, "identical twins", "mz"), (words.RELATION, "DZ", "dz"),
        (words.RELATION, "Non-Identical", "dz"), (words.RELATION, "fraternal", "dz"), (words.RELATION, "Twin", "mz"),
        (words.RELATION, "Brothers", "sibling"), (words.RELATION, "None", "single"), (words.KIND, "Same", "genuine"),
        (words.KIND, "MZ", "twin"), (words.KIND, "dizygotic", "sibling"), (words.KIND, "Impostor", "stranger"),
    ],
)  # fmt: skip
def test_synonyms_mean_what_we_call_it(table, word, name):
    assert words.meant(word, table, "word") == name


def test_every_name_of_ours_stands_for_itself():
    for table, names in ((words.SPLIT, SPLITS), (words.RELATION, RELATIONS), (words.KIND, KINDS)):
        assert tuple(dict.fromkeys(table.values())) == names
        assert [table[words.bare(name)] for name in names] == list(names)
    assert not words.UNRELATED & {word for word, name in words.RELATION.items() if name != "single"}


def test_other_words_are_refused_with_those_that_are_known():
    with pytest.raises(InputError, match=r"split 'eval' is unknown; known: train, validation, test\."):
        words.meant("eval", words.SPLIT, "split")
    with pytest.raises(InputError, match=r"relation 'single' is unknown; known: mz, dz\."):
        words.meant("single", words.RELATION, "relation", ("mz", "dz"))


def test_columns_by_any_of_their_names():
    header = ["Image", "File Name", "PERSON", "fam", "Set", "Zygosity", "yaw"]
    assert words.named(header, words.MANIFEST, "m") == dict(
        zip(header[:6], ("image", "path", "subject", "family", "split", "relation"), strict=True)
    )
    assert words.named(["Image A", "img2", "Label", "fold"], words.PAIRS, "p") == {
        "Image A": "image_a", "img2": "image_b", "Label": "same", "fold": "fold",
    }  # fmt: skip
    for a, b in (("id1", "id2"), ("Twin A", "Twin B"), ("first", "second"), ("person_1", "Person_2"), ("a", "b")):
        assert words.named([a, b], words.TWINS, "t") == {a: "subject_a", b: "subject_b"}


def test_our_own_name_wins_and_two_synonyms_are_refused():
    assert words.named(["relation", "kind", "type"], words.MANIFEST, "m") == {"relation": "relation"}
    assert words.named(["Path", "file"], words.MANIFEST, "m") == {"Path": "path"}
    with pytest.raises(InputError, match="m: the columns 'file' and 'filename' both mean path"):
        words.named(["file", "filename"], words.MANIFEST, "m")
