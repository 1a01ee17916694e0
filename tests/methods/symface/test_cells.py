import numpy as np
import pandas as pd
import pytest

from twinlib import paths
from twinlib.errors import InputError
from twinlib.methods.symface import Halves
from twinlib.methods.symface.cells import averages, between_classes, cells, raw_trace


def test_printed_shares_of_better_cells():
    """The paper says 66 % and 70 %; the first is what its table gives."""
    values = pd.read_csv(paths.project_root() / "results/paper_values.csv", keep_default_na=False)
    assert cells(values, "table1")["better"].mean() == pytest.approx(4 / 6)
    second = cells(values, "table2")
    assert len(second) == 40
    assert (second["better"].sum(), second["tied"].sum()) == (27, 1)  # 70 % only where the tie counts
    base = second.set_index(["row", "column"])["base"]
    assert (base["r100|ms1mv2|arcface"] == base["r100|webface4m|arcface"]).all()  # one row printed twice


def test_the_form_by_epoch_is_the_papers_sum_and_the_form_by_batch_is_not():
    rng = np.random.default_rng(0)
    rho, pull = rng.random(400), rng.random(400)
    got = averages(rho, pull * rho, 16, Halves(p=0.1))
    assert got.by_epoch == pytest.approx(got.paper, rel=1e-12)
    assert abs(got.by_batch - got.paper) > 1e-3
    assert got.empty > 0


def test_no_split_face_is_refused():
    with pytest.raises(InputError, match="no face is split"):
        averages(np.zeros(10), np.ones(10), 4, Halves())


def test_between_classes_against_a_slow_count():
    rng = np.random.default_rng(1)
    e, subject = rng.normal(size=(12, 3)), np.repeat([0, 1, 2, 3], 3)
    unit = e / np.linalg.norm(e, axis=1, keepdims=True)
    means = [unit[subject == s].mean(0) for s in range(4)]
    means = [m / np.linalg.norm(m) for m in means]
    pairs = [((a - b) ** 2).sum() for i, a in enumerate(means) for j, b in enumerate(means) if i != j]
    assert between_classes(e, subject).mean_square == pytest.approx(np.mean(pairs))


def test_raw_trace_grows_with_the_square_of_the_length_and_is_the_spread_of_the_means():
    subject = np.repeat([0, 1], 2)
    e = np.array([[0.0, 1.0], [2.0, 1.0], [5.0, 1.0], [5.0, 3.0]])  # means (1, 1) and (5, 2)
    assert raw_trace(e, subject) == pytest.approx(4.0 + 0.25)
    assert raw_trace(3 * e, subject) == pytest.approx(9 * 4.25)


def test_a_spread_needs_two_classes_with_a_direction():
    e, subject = np.eye(4), np.array([0, 0, 1, 1])
    assert np.isfinite(between_classes(e, subject)).all()
    with pytest.raises(InputError, match="needs at least two; got one subject"):
        between_classes(e, np.zeros(4, int))
    e[2] = 0
    with pytest.raises(InputError, match="embedding 2 is zero or not finite"):
        between_classes(e, subject)
    with pytest.raises(InputError, match="mean of class 0 is zero"):
        between_classes(np.array([[1.0, 0], [-1, 0], [0, 1]]), np.array([0, 0, 1]))
