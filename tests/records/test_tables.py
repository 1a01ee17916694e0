import base64
import io
import re

import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval
from twinlib.measure.interval import NOT_KEPT, ONE_FAMILY
from twinlib.records.published import CANNOT_TELL, HOLDS, Published
from twinlib.records.tables import Table


def interval(value=0.9, half=0.02, families=60, seeds=5):
    return Interval(value, value - half, value + half, families, seeds)


@pytest.fixture
def table():
    made = Table("Twins <all>", "cpu", "SynTwins default")
    made.add("AHAN", "twin accuracy", interval(), Published(92.3, "%", ""), k=12)
    made.add_claim("HCA helps", "twin accuracy", interval(0.03, 0.01), 11.3)
    made.add_claim("FAAM helps", "twin accuracy", interval(-0.03, 0.01))
    made.add_claim("twins are harder", "AUC", interval(-0.03, 0.01), claimed=-1)
    made.add_claim("TA-PWCA helps", "twin accuracy", interval(0.03, 0.01, seeds=1))
    return made


def test_html_names_profile_and_data_set_and_says_what_did_not_hold(table):
    html = table.to_html()
    assert "<caption>Twins &lt;all&gt;. Profile cpu, data set SynTwins default.</caption>" in html
    assert "ours<br>(SynTwins default, profile cpu)" in html
    assert "published<br>(ND_TWIN)" in html
    assert "<td>92.3 %</td><td>90.0 %</td><td>[88.0, 92.0]</td><td>–</td>" in html
    verdicts = re.findall(r"<td>([^<]*)</td></tr>", html)
    assert verdicts == ["–", "holds", "does not hold: not reproduced", "holds", "cannot tell"]
    assert table._repr_html_() == html


def test_the_download_is_the_csv(table):
    name, data = re.search(
        r'download="([^"]+)" href="data:text/csv;charset=utf-8;base64,([^"]+)"', table.to_html()
    ).groups()
    text = base64.b64decode(data).decode()
    assert name == "twins-all.csv"
    assert text == table.to_csv()
    read = pd.read_csv(io.StringIO(text))
    assert read.ours.tolist() == [90, 3, -3, -0.03, 3]
    assert read[["profile", "dataset"]].drop_duplicates().to_numpy().tolist() == [["cpu", "SynTwins default"]]
    assert read.published[0] == 92.3


def test_units_other_than_per_cent_stay(table):
    table.add("ResNet-50", "loss", interval(0.121, 0.01), Published(0.121, "loss", ""))
    assert table.frame().ours.iloc[-1] == 0.121
    assert "<td>0.121</td><td>0.121</td><td>[0.111, 0.131]</td>" in table.to_html()


def test_an_auc_has_one_unit_with_and_without_a_published_value(table):
    table.add("ViT", "twin AUC", interval(0.8, 0.02), Published(96.4, "%", ""))
    table.add("ViT", "hard twin AUC", interval(0.7, 0.02))
    table.add_claim("HCA helps", "difference in twin AUC", interval(0.03, 0.01))
    html = table.to_html()
    assert "<td>0.964</td><td>0.800</td><td>[0.780, 0.820]</td>" in html
    assert "<td>–</td><td>0.700</td><td>[0.680, 0.720]</td>" in html
    assert "<td>–</td><td>+0.030</td><td>[+0.020, +0.040]</td><td>holds</td>" in html


def test_small_numbers_are_refused_or_flagged():
    strict, loose = Table("t", "cpu", "d"), Table("t", "smoke", "d", flag_small=True)
    with pytest.raises(InputError, match="12 families; a table needs 30"):
        strict.add("a", "AUC", interval(families=12))
    with pytest.raises(InputError, match="k = 9 false accepts; a table needs 10"):
        strict.add("a", "TAR", interval(), k=9)
    loose.add("a", "AUC", interval(families=12), claim="c", verdict=HOLDS)
    assert "0.900 †" in loose.to_html()
    assert "not to be relied on" in loose.to_html()
    assert loose.rows[0].verdict == CANNOT_TELL
    assert "†" in str(loose)


def test_a_verdict_needs_a_claim():
    with pytest.raises(InputError, match="'maybe' needs a claim and is one of holds, does not hold, cannot tell"):
        Table("t", "cpu", "d").add("a", "AUC", claim="c", verdict="maybe")
    with pytest.raises(InputError, match="needs a claim"):
        Table("t", "cpu", "d").add("a", "AUC", verdict=HOLDS)
    fixed = Table("t", "cpu", "d")
    fixed.add("age gap", "AUC", claim="falls over five years", verdict=CANNOT_TELL)
    assert "<td>cannot tell</td>" in fixed.to_html()


def test_a_name_stands_once_for_its_rows():
    table = Table("T", "cpu", "default")
    for label, quantity in (("A", "accuracy"), ("A", "AUC"), ("B", "AUC")):
        table.add(label, quantity, Interval(0.5, 0.4, 0.6, 40))
    html = table.to_html()
    assert html.count('<th scope="rowgroup" rowspan="2">A</th>') == html.count('rowspan="1">B</th>') == 1
    assert html.count("<tr>") == 4


def test_a_row_without_an_interval_says_why_in_the_notes_and_the_csv():
    table = Table("t", "smoke", "d", flag_small=True)
    table.add("a", "AUC", Interval(0.7, 0.6, 0.8, 40))
    assert "reason" not in table.to_csv().splitlines()[0]
    table.add("b", "AUC", Interval(0.7, np.nan, np.nan, 1, reason=ONE_FAMILY))
    table.add("c", "AUC", Interval(0.7, np.nan, np.nan, 40))
    for text in (str(table), table.to_html()):
        assert f"No interval where {ONE_FAMILY}." in text
        assert f"No interval where {NOT_KEPT}." in text
        assert "nan" not in text.partition("base64")[0].lower().replace("finance", "")
    assert list(table.frame()["reason"]) == ["", ONE_FAMILY, NOT_KEPT]
