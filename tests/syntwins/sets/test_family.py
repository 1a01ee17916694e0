import json
from dataclasses import replace

import numpy as np
import pytest

from syntwins import Families
from syntwins.sets.family import COLUMNS, manifest_row, number, render_family
from syntwins.sets.plan import nuisance_of, plan_families, subject_of


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1.000000"), (-1e-9, "0.000000"), (90, "90"), (0.1234567, "0.123457")]
)
def test_factors_are_written_the_same_everywhere(value, text):
    assert number(value) == text


def test_a_row_names_its_file_and_its_bins(tiny):
    plan = plan_families(tiny)[1]
    subject, nuisance = subject_of(tiny, plan, 1), nuisance_of(tiny, plan, 1, 7)
    row = dict(zip(COLUMNS, manifest_row(plan, subject, 7, nuisance), strict=True))
    assert (row["image"], row["path"], row["subject"]) == ("f0001-b-07", "images/f0001-b/07.jpg", "f0001-b")
    assert (row["relation"], row["palette"], row["sex"]) == ("dz", "p0000", subject.palette.sex)
    assert float(row["yaw"]) == pytest.approx(nuisance.yaw, abs=1e-6)


def test_the_part_is_written_after_the_images(tiny, tmp_path):
    part = tmp_path / "parts" / "f0000.npz"
    assert render_family(tiny, tmp_path, part, plan_families(tiny)[0]) == 4
    assert len(list(tmp_path.glob("images/*/*.jpg"))) == 4
    with np.load(part) as arrays:
        assert len(arrays["image/landmarks"]) == 4
        assert len(arrays["subject/asymmetry"]) == 2


def test_a_family_of_one_person_has_one_member(tiny, tmp_path):
    lonely = replace(tiny, train=Families(mz=1, dz=0, sibling=0, images=2, single=1))
    plan = plan_families(lonely)[1]
    assert (plan.relation, plan.members) == ("single", 1)
    assert render_family(lonely, tmp_path, tmp_path / "f0001.npz", plan) == 2
    with np.load(tmp_path / "f0001.npz") as part:
        rows = [row[:6] for row in json.loads(str(part["rows"]))]
    assert [row[2:] for row in rows] == [["f0001-a", "f0001", "train", "single"]] * 2
