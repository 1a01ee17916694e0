import copy
import json

import pytest

from twinlib.audit.audited import KIND
from twinlib.audit.baseline import read, worse
from twinlib.errors import InputError

REPORT = {
    "kind": KIND,
    "version": {"protocol": 1, "sets": {"audit": "ab"}},
    "rates": [
        {"fmr": f, "twin": {"value": v, "low": v - 0.02, "high": v + 0.02}} for f, v in ((0.01, 0.5), (0.001, 0.2))
    ],
}


@pytest.fixture
def kept(tmp_path):
    def write(value):
        (tmp_path / "b.json").write_text(value if isinstance(value, str) else json.dumps(value))
        return tmp_path / "b.json"

    return write


def now(first, second):
    report = copy.deepcopy(REPORT)
    for row, value in zip(report["rates"], (first, second), strict=True):
        row["twin"]["value"] = value
    return report


@pytest.mark.parametrize(
    ("rates", "count"), [((0.5, 0.2), 0), ((0.52, 0.22), 0), ((0.1, 0.1), 0), ((0.53, 0.2), 1), ((0.6, 0.3), 2)]
)
def test_worse_is_above_the_baselines_interval(kept, rates, count):
    found = worse(now(*rates), read(kept(REPORT)))
    assert len(found) == count
    if count == 1:
        assert found == ["at FMR 0.01 of strangers, twins pass at 53.00%; the baseline had 50.00%, at most 52.00%"]


@pytest.mark.parametrize(
    ("baseline", "match"),
    [
        ("{", "not valid JSON"),
        ([], "no report of an audit"),
        ({"kind": "something"}, "no report of an audit"),
        (REPORT | {"version": {"protocol": 2}}, "other pictures or pairs"),
        (REPORT | {"rates": [{"fmr": 0.01}]}, "cannot be read"),
        (REPORT | {"rates": [{"fmr": 0.01, "twin": {"value": "x", "high": 1}}]}, "cannot be read"),
        (REPORT | {"rates": 3}, "cannot be read"),
        (REPORT | {"rates": [{"fmr": 0.01, "twin": {"value": 0.5, "high": float("nan")}}]}, "NaN or infinity"),
        (REPORT | {"rates": REPORT["rates"][:1]}, "lack FMR 0.001"),
    ],
)
def test_what_is_no_baseline_is_refused_by_name(kept, baseline, match):
    with pytest.raises(InputError, match=rf"b\.json.*{match}"):
        worse(REPORT, read(kept(baseline)))


def test_a_missing_baseline_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.json does not exist"):
        read(tmp_path / "none.json")
