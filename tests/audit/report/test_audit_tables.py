import json
import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from twinlib.audit.report import audit_tables as tables
from twinlib.errors import InputError
from twinlib.paths import results_dir


def rate(value):
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def report(name, level):
    kinds = {kind: rate(level) for kind in ("genuine", "alike", "sibling", "twin")}
    rates = [{"fmr": fmr, "threshold": 0.5, **kinds} for fmr in (0.01, 0.001)]
    auc = dict.fromkeys(("twin", "sibling"), 1 - level)
    causes = [{"label": "marks alone", "twins_fmr": rate(level)}]
    return {"name": name, "rates": rates, "auc": auc, "causes": causes, "shift": {"stranger": {"mean": 0.25}}}


def real(level, twins=1.0):
    kin = {"kin_sibling": {"value": level}, "kin_twin": {"value": twins}}
    return {"lfw_fnmr": level, "kin_sibling_auc": 1 - level, **kin}


@pytest.mark.parametrize("n", [3, 5, 8])
def test_rank_correlation_is_that_of_scipy_with_all_orders_tried(n):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=n), rng.integers(0, 4, n).astype(float)
    found = tables.rank_correlation(x, y)
    assert found.rho == pytest.approx(spearmanr(x, y).statistic)
    assert found.low <= found.rho <= found.high
    assert 0 < found.p <= 1


def test_three_recognisers_can_never_tell():
    found = tables.rank_correlation([1, 2, 3], [10, 20, 30])
    assert found.rho == pytest.approx(1)
    assert (found.low, found.high) == (-1, 1)
    assert found.p == pytest.approx(2 / 6)  # of six orders, this one and its mirror image


def test_equal_values_have_no_rank():
    assert math.isnan(tables.rank_correlation([1, 2, 3], [1, 1, 1]).rho)
    with pytest.raises(InputError, match="2 to 8 values; found 9"):
        tables.rank_correlation(range(9), range(9))
    with pytest.raises(InputError, match="one length"):
        tables.rank_correlation([1, 2], [1, 2, 3])


def test_verdicts_follow_the_exact_test():
    levels = (0.1, 0.2, 0.3, 0.4, 0.5)
    reports = {f"r{i}": report(f"r{i}", level) for i, level in enumerate(levels)}
    same = tables.predictions(reports, {name: real(level) for name, level in zip(reports, levels, strict=True)})
    assert same["does it predict?"].tolist() == ["same order"] * 3 + ["cannot tell"]  # of twins all pass
    turned = tables.predictions(reports, {name: real(1 - level) for name, level in zip(reports, levels, strict=True)})
    assert turned["does it predict?"].tolist()[:3] == ["opposite order"] * 3
    few = tables.predictions(
        {name: reports[name] for name in ("r0", "r1", "r2")}, {f"r{i}": real(i / 10) for i in range(3)}
    )
    assert set(few["does it predict?"]) == {"cannot tell"}
    assert set(few["recognisers"]) == {3}


def test_tables_show_rates_with_their_intervals(tmp_path):
    for name, level in (("a", 0.2), ("b", 0.5)):
        (tmp_path / f"{name}.json").write_text(json.dumps(report(name, level)))
    (tmp_path / tables.REAL).write_text("{}")
    reports = tables.recorded(tmp_path)
    assert list(reports) == ["a", "b"]
    assert tables.rates_table(reports, 0.001)["twins"].tolist() == ["20.0% [19.0%, 21.0%]", "50.0% [49.0%, 51.0%]"]
    assert tables.causes_table(reports).iloc[0].tolist() == [
        "marks alone",
        "20.0% [19.0%, 21.0%]",
        "50.0% [49.0%, 51.0%]",
    ]
    with pytest.raises(InputError, match=r"report of a has no rates at FMR 0\.1"):
        tables.rates_table(reports, 0.1)
    with pytest.raises(InputError, match="holds no report"):
        tables.recorded(tmp_path / "none")


def test_the_committed_records_fit_together():
    folder = results_dir() / "audit"
    reports, faces = tables.recorded(folder), json.loads((folder / tables.REAL).read_text())
    assert reports.keys() <= faces.keys()
    assert len(reports) >= 3
    assert len({json.dumps(r["version"], sort_keys=True) for r in reports.values()}) == 1
    for one in reports.values():
        assert one["pairs"]["stranger"] >= 1e5
        twin = tables.at(one, 0.001)["twin"]
        assert (twin["high"] - twin["low"]) / 2 < 0.04
        assert one["processor_seconds"] < 600
    assert len(tables.predictions(reports, faces)) == len(tables.PREDICTS)
