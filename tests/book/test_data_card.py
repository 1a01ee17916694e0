"""The data card is plain text, so its numbers are compared with the records they came from."""

import re
from pathlib import Path

import pandas as pd

from syntwins import PURPOSES, SETS
from syntwins.sets.cost import expected_cost

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book/data_card.md").read_text(encoding="utf-8")
JUDGE = pd.read_csv(ROOT / "results/benchmarks/syntwins_judge.csv")
KINDS = ["twin", "sibling", "stranger, same palette", "stranger"]


def rows(heading):
    """Cells of the table whose first header cell is `heading`."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n(?:\|.*\n)+", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]]


def shown(part):
    part = part.set_index("against").loc[KINDS]
    return [f"{row.auc:.3f} ({row.auc_low:.3f}–{row.auc_high:.3f})" for row in part.itertuples()]


def test_the_judge_s_numbers_are_those_of_the_record():
    crop = JUDGE[JUDGE["seen"] == "crop"].groupby(["preset", "images"], sort=False)
    assert rows("preset") == [[*names, *shown(part)] for names, part in crop]
    inside = JUDGE[JUDGE["seen"] == "inside the face"].groupby("images", sort=False)
    assert rows("images, inside the face only") == [[name, *shown(part)] for name, part in inside]


def test_every_named_set_is_described():
    wanted = [
        [f"`{name}`", PURPOSES[name], str(expected_cost(config).families), str(expected_cost(config).images)]
        for name, config in SETS.items()
    ]
    assert rows("set") == wanted


def test_the_page_says_what_the_data_are_not():
    assert "say nothing about the accuracy on real twins" in PAGE.replace("\n", " ")
