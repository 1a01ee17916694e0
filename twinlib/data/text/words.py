"""What people call splits, relations and columns: one table of synonyms for manifests, lists and the command line.

Capitals, blanks and punctuation make no difference: `Image A`, `image_a` and `imageA` are one name.
"""

from collections.abc import Mapping, Sequence

from twinlib.data.text.filenames import nfc
from twinlib.errors import InputError

Words = Mapping[str, str]  # bare form of a word -> what we call it


def bare(word: str) -> str:
    """A word without capitals, blanks and punctuation, in normal form C."""
    return "".join(letter for letter in nfc(word).casefold() if letter.isalnum())


def _words(synonyms: Mapping[str, str]) -> dict[str, str]:
    """Each name and its synonyms -> the name."""
    return {bare(word): name for name, text in synonyms.items() for word in (name, *text.split())}


_MZ = "monozygotic monozygous identical identical-twin identical-twins mz-twin mz-twins twin twins"
_DZ = "dizygotic dizygous fraternal fraternal-twin fraternal-twins dz-twin dz-twins non-identical non-identical-twins"
_SIBLING = "siblings sib sibs brother brothers sister sisters full-sibling full-siblings"
_STRANGER = (
    "strangers different different-person different-people unrelated impostor imposter non-match non-twin non-mated"
)

SPLIT = _words({"train": "training trn", "validation": "val valid dev devel development", "test": "testing tst"})
RELATION = _words({"mz": _MZ, "dz": _DZ, "sibling": _SIBLING, "single": "singles singleton none alone no-twin"})
KIND = _words(
    {
        "genuine": "self same same-person match mated positive",
        "twin": f"mz {_MZ}",
        "sibling": f"dz {_DZ} {_SIBLING}",
        "stranger": f"{_STRANGER} negative",
    }
)
UNRELATED = frozenset(bare(word) for word in f"single singles none no-twin stranger {_STRANGER}".split())
SAME = {  # not in their bare form, in which -1 would be 1
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "same", "genuine", "match", "positive"), 1),
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "different", "impostor", "mismatch", "negative"), 0),
}

Columns = Mapping[str, Sequence[str]]  # our name of a column -> bare forms of its synonyms


def _columns(synonyms: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [bare(word) for word in text.split()] for name, text in synonyms.items()}


def _numbered(name: str, stems: str, places: str) -> dict[str, list[str]]:
    """Columns that come in twos: `image_a` is also `image1`, `img a`, `first`."""
    found = {}
    for letter, digit, ordinal in (
        ("a", "1", "first"),
        ("b", "2", "second"),
        ("c", "3", "third"),
        ("d", "4", "fourth"),
    ):
        ends = [f"{stem}{mark}" for stem in stems.split() for mark in (letter, digit)]
        ends += [letter, ordinal, *(f"{ordinal}{stem}" for stem in stems.split())]
        found |= {f"{name}_{letter}": ends} if letter in places else {}
    return found


_RELATION = "relation relationship zygosity kinship twin-type pair-type relation-type kind type"
_WHO = "subject-id person person-id identity identity-id individual people twin-id"
_FAMILY = "family-id fam famid family-no family-number twin-pair pair-id"
MANIFEST = _columns(
    {
        "image": "image-id image-name img img-id img-name photo picture",
        "path": "file filename file-name filepath file-path image-path img-path image-file relative-path",
        "subject": _WHO,
        "family": _FAMILY,
        "split": "set subset partition",
        "relation": _RELATION,
    }
)
POINTS = _columns({"image": "image-name image-path img path file filename file-name filepath photo picture"})
PAIRS = _numbered("image", "image img file filename path photo picture imagepath", "ab") | _columns(
    {"same": "is-same label match is-match genuine same-person target", "fold": "fold-id", "kind": _RELATION}
)
TWINS = _numbered("subject", "subject person twin id name identity individual subjectid personid twinid", "abcd") | (
    _columns({"relation": _RELATION, "split": "set subset partition", "subject": f"{_WHO} id name", "family": _FAMILY})
)


def named(header: Sequence[str], columns: Columns, where: str) -> dict[str, str]:
    """Which of the columns of a table are ours.

    Args:
        header: names as they stand in the table.
        columns: those wanted; the name itself, in any spelling, wins over a synonym.
        where: file, for messages.

    Returns:
        Name in the table -> our name, for those that are there.

    Raises:
        InputError: two columns mean the same.
    """
    found: dict[str, str] = {}
    for ours, synonyms in columns.items():
        left = [name for name in header if name not in found]
        fitting = [name for name in left if bare(name) == bare(ours)] or [
            name for name in left if bare(name) in synonyms
        ]
        if len(fitting) > 1:
            raise InputError(f"{where}: the columns {fitting[0]!r} and {fitting[1]!r} both mean {ours}. Remove one.")
        found |= dict.fromkeys(fitting, ours)
    return found


def meant(value: str, words: Words, what: str, known: Sequence[str] = ()) -> str:
    """What a word of the user means.

    Args:
        value: the word.
        words: the table.
        what: name of the option or field, for messages.
        known: names that are allowed; all of the table if empty.

    Raises:
        InputError: the word is in no table, or means something that is not allowed here.
    """
    allowed = tuple(known) or tuple(dict.fromkeys(words.values()))
    name = value if value in allowed else words.get(bare(value), "")
    if name not in allowed:
        raise InputError(f"{what} {value!r} is unknown; known: {', '.join(allowed)}.")
    return name
