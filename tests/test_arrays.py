"""Every carrier of a list gives the values in their order; what is no list is refused by name."""

import decimal

import numpy as np
import pandas as pd
import pytest
import torch

from twinlib.arrays import column, groups, labels, number_rows, numbers, one_length, one_row_each, table_of, vectors
from twinlib.errors import InputError

VALUES = [0.5, 0.25, 0.75]


class Foreign:
    """A column of another library: it has `__array__` alone."""

    def __array__(self, dtype=None, copy=None):
        return np.array(VALUES, dtype)


CARRIERS = {
    "list": VALUES,
    "tuple": tuple(VALUES),
    "array": np.array(VALUES),
    "half": np.array(VALUES, np.float16),
    "objects": np.array(VALUES, object),
    "decimals": [decimal.Decimal(str(value)) for value in VALUES],
    "unmasked": np.ma.array(VALUES, mask=False),
    "shuffled series": pd.Series(VALUES, index=[2, 0, 1]),
    "repeated index": pd.Series(VALUES, index=[7, 7, 7]),
    "filtered series": pd.Series([9.0, *VALUES])[1:],
    "nullable": pd.array(VALUES, dtype="Float64"),
    "index": pd.Index(VALUES),
    "categorical": pd.Categorical(VALUES),
    "tensor": torch.tensor(VALUES, requires_grad=True),
    "bfloat16": torch.tensor(VALUES, dtype=torch.bfloat16),
    "list of tensors": [torch.tensor(value) for value in VALUES],
    "foreign": Foreign(),
}


@pytest.mark.parametrize("name", CARRIERS)
def test_numbers_stand_in_the_order_of_the_list(name):
    found = numbers(CARRIERS[name], "scores")
    assert type(found) is np.ndarray
    assert found.dtype == np.float64
    assert found.tolist() == VALUES


def test_nulls_of_another_library_are_missing():
    nulls = type("Nulls", (), {"__array__": lambda self, dtype=None, copy=None: np.array([0.5, None], object)})()
    with pytest.raises(InputError, match="scores: 1 of 2 values are NaN"):
        numbers(nulls, "scores")
    with pytest.raises(InputError, match="1 of 2 values are missing"):
        groups(pd.Series(["a", None], dtype="string"), "families")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (0.5, "one value or no list"),
        ("0.5", "one value or no list"),
        ({0.5, 0.25}, "one value or no list"),
        ((value for value in VALUES), "one value or no list"),
        ({"a": 0.5}, "one value or no list"),
        (None, "one value or no list"),
        (np.eye(2), r"an array of 2 dimensions \(2, 2\)"),
        (np.array(VALUES)[:, None], "an array of 2 dimensions"),
        (pd.DataFrame({"a": VALUES}), "an array of 2 dimensions"),
        (torch.zeros(2, 2), "an array of 2 dimensions"),
        ([[0.5], [0.25, 0.75]], "rows of other lengths"),
    ],
)
def test_what_is_no_list_is_refused_by_name(values, message):
    with pytest.raises(InputError, match=f"^scores must be a list of values, one-dimensional; found {message}"):
        column(values, "scores")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["0.5", "0.25"], "must be numbers; found '0.5' at position 0"),
        ([0.5, "x"], "must be numbers; found 'x' at position 1"),
        (np.array(["0.5"]), "must be numbers"),
        ([1 + 1j], "must be numbers"),
        (pd.to_datetime(["2020-01-01"]), "must be numbers"),
        ([0.5, np.nan], "1 of 2 values are NaN or infinite .the first at position 1"),
        ([0.5, None], "1 of 2 .*at position 1"),
        ([-np.inf, 0.5], "1 of 2 .*at position 0"),
        (pd.array([0.5, None], dtype="Float64"), "1 of 2 .*at position 1"),
        (np.ma.array([0.5, 0.25], mask=[0, 1]), "1 of 2 .*at position 1"),
    ],
)
def test_scores_that_are_no_finite_numbers_are_refused_with_their_place(values, message):
    with pytest.raises(InputError, match=f"^scores:? {message}"):
        numbers(values, "scores")


@pytest.mark.parametrize(
    "values",
    [
        [1, 0],
        [True, False],
        [np.bool_(True), np.bool_(False)],
        np.array([1.0, 0.0]),
        pd.Series([1, 0], dtype="Int64", index=[1, 0]),
        pd.array([True, False], dtype="boolean"),
        torch.tensor([True, False]),
    ],
    ids=repr,
)
def test_labels_of_every_kind(values):
    assert labels(values, "same").tolist() == [True, False]


@pytest.mark.parametrize(
    "values",
    [[2, 0], [-1, 1], ["1", "0"], [0.5, 1], [None, 1], [np.nan, 1], pd.array([True, None], dtype="boolean"), ["yes"]],
    ids=repr,
)
def test_other_labels_are_refused(values):
    with pytest.raises(InputError, match="same must hold 0 and 1 only; found"):
        labels(values, "same")


MISSING = [None, np.nan, pd.NA, pd.NaT, "", " ", "\t\n"]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_a_missing_group_is_refused_with_its_rows(missing):
    with pytest.raises(InputError, match=r"families: 2 of 4 values are missing, NaN or blank \(rows 1, 3, counted"):
        groups(["a", missing, "b", missing], "families")


@pytest.mark.parametrize(
    "values", [pd.Series([1, None]), pd.Series([1, None], dtype="Int64"), pd.Categorical(["a", None])]
)
def test_a_missing_group_in_a_column_of_its_own_type(values):
    with pytest.raises(InputError, match=r"1 of 2 values are missing.*\(rows 1,"):
        groups(values, "families")


def test_many_missing_groups_name_the_first_rows():
    with pytest.raises(InputError, match=r"20 of 40 .*\(rows 0, 2, 4, 6, 8, 10, 12, 14, …, counted from 0\)"):
        groups(["", "a"] * 20, "families")


def test_groups_keep_their_names():
    assert groups(["NA", "none"], "f").tolist() == ["NA", "none"]
    assert groups(torch.tensor([3, 1]), "f").tolist() == [3, 1]
    with pytest.raises(InputError, match="mixes texts and numbers"):
        groups([1, "1"], "f")


def test_lengths_that_differ_name_every_list():
    assert one_length(a=np.zeros(2), b=np.zeros(2)) == 2
    with pytest.raises(InputError, match=r"scores and same must be of one length.*found scores 3, same 2"):
        one_length(scores=np.zeros(3), same=np.zeros(2))


def test_rows_of_scores():
    series = [pd.Series([1.0, 2.0], index=[1, 0]), pd.Series([3.0, 4.0])]
    assert number_rows(series, "scores").tolist() == [[1, 2], [3, 4]]
    assert number_rows([1.0, 2.0], "scores").shape == (1, 2)
    with pytest.raises(InputError, match="scores must be one row of numbers or several"):
        number_rows(np.zeros((2, 2, 2)), "scores")


def test_vectors():
    assert vectors(pd.DataFrame([[1, 2], [3, 4]], index=[1, 0]), "e").tolist() == [[1, 2], [3, 4]]
    for bad in ([1.0, 2.0], np.zeros((1, 1, 1))):
        with pytest.raises(InputError, match="e must be a row of numbers for each image"):
            vectors(bad, "e")


def test_tables():
    frame = pd.DataFrame({"same": [1, 0], "other": [2, 3]}, index=[9, 9])
    assert list(table_of(frame, ("same",), "pairs").index) == [0, 1]
    assert table_of({"same": (1, 0)}, ("same",), "pairs")["same"].tolist() == [1, 0]
    with pytest.raises(InputError, match=r"pairs lacks the columns \['family_a'\]; it has \['same', 'other'\]"):
        table_of(frame, ("same", "family_a"), "pairs")
    with pytest.raises(InputError, match="pairs has two columns 'same'"):
        table_of(pd.concat([frame, frame], axis=1), ("same",), "pairs")
    with pytest.raises(InputError, match="pairs must be a table with named columns; found list"):
        table_of([1, 0], ("same",), "pairs")
    with pytest.raises(InputError, match="image: 'a' occurs twice"):
        one_row_each(["a", "b", "a"], "image")
