import re

from twinlib.figures.shown.stacked import folded, stacked

HEAD = "<thead><tr><th>system</th><th>ours<br>(set)</th><th>interval</th><th>verdict</th></tr></thead>"


def _labels(page):
    return re.findall(r'<t[dh][^>]*data-label="([^"]*)"[^>]*>([^<]*)', page)


def test_each_cell_carries_the_head_of_its_column():
    page = stacked(f"<table>{HEAD}<tbody><tr><th>a</th><td>1</td><td>2</td><td>holds</td></tr></tbody></table>")
    assert _labels(page) == [("system", "a"), ("ours (set)", "1"), ("interval", "2"), ("verdict", "holds")]
    assert page.count('role="row"') == 2
    assert 'role="table"' in page


def test_a_row_below_a_spanning_cell_is_counted_from_the_right():
    rows = '<tr><th rowspan="2">a</th><td>1</td><td>2</td><td>x</td></tr><tr><td>3</td><td>4</td><td>y</td></tr>'
    assert _labels(stacked(f"<table>{HEAD}<tbody>{rows}</tbody></table>"))[4:] == [
        ("ours (set)", "3"), ("interval", "4"), ("verdict", "y")
    ]  # fmt: skip


def test_narrow_tables_and_other_html_stay_as_they_are():
    page = "<p>x</p><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    assert stacked(page) == page


def test_names_of_columns_become_words():
    assert stacked("<table><thead><tr><th>auc_low</th></tr></thead></table>").count("<th>auc low</th>") == 1


def test_long_tables_are_folded_and_long_counts_have_commas():
    rows = "<tr><td>1234567</td></tr>" * 21
    page = f"<table><thead><tr><th>a</th></tr></thead><tbody>{rows}</tbody></table>"
    assert folded(page).startswith('<details class="twinlib-folded"><summary>Table of 21 rows</summary>')
    assert folded(page.replace("<tr><td>", "<p>", 1)) == page.replace("<tr><td>", "<p>", 1)
    assert stacked(page).count("<td>1,234,567</td>") == 21
