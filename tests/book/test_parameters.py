import pytest
from notebooks import source, write

from book.tools.parameters import checked, declared
from twinlib.errors import InputError


@pytest.fixture
def chapter(tmp_path):
    return write(source("1"), tmp_path / "chapter.ipynb")


def test_texts_become_typed_values(chapter):
    given = {"profile": "smoke", "seed": "7", "rate": "1e-4", "quick": "true"}
    assert checked(chapter, given) == {"profile": "smoke", "seed": 7, "rate": 1e-4, "quick": True}


def test_misspelt_name_is_refused_by_name(chapter):
    with pytest.raises(InputError, match=r"'profil' is unknown; did you mean 'profile'"):
        checked(chapter, {"profil": "smoke"})
    with pytest.raises(InputError, match=r"'zzz' is unknown; known: profile, seed, rate, quick"):
        checked(chapter, {"zzz": "1"})


WRONG = [("seed", "fast", "int"), ("seed", "1.5", "int"), ("rate", "fast", "float"), ("quick", "1", "bool")]


@pytest.mark.parametrize(("name", "text", "kind"), WRONG)
def test_wrong_type_is_refused_by_type(chapter, name, text, kind):
    with pytest.raises(InputError, match=f"{name!r} must be {kind}, found {text!r}"):
        checked(chapter, {name: text})


def test_value_outside_the_listed_choice_is_refused(chapter):
    with pytest.raises(InputError, match=r"'profile' must be one of smoke, cpu, full, found 'huge'"):
        checked(chapter, {"profile": "huge"})


def test_parameter_without_type_is_refused(tmp_path):
    path = write(source("1", parameters="seed = 0"), tmp_path / "untyped.ipynb")
    with pytest.raises(InputError, match="'seed' needs a type"):
        declared(path)
