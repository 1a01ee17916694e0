"""Tables that a phone can show: each cell carries the head of its column, so that a row may stand as a small card."""

import html
import re

WIDE = 4  # columns from which a table does not fit a phone
LONG = 20  # rows from which a table is folded
_TABLE = re.compile(r"<table[^>]*>.*?</table>", re.DOTALL)
_HEAD = re.compile(r"<thead.*?</thead>", re.DOTALL)
_ROW = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
_KEY = re.compile(r">[^<>]*_[^<>]*</th>")
_LONG_NUMBER = re.compile(r"(<td[^>]*>)(\d{5,})(?=</td>)")
_CELL = re.compile(r"<(t[dh])\b([^>]*)>")
_ROLES = {"<thead": '<thead role="rowgroup"', "<tbody": '<tbody role="rowgroup"', "<tr": '<tr role="row"'}


def stacked(page: str) -> str:
    """The same HTML, its wide tables with a label in each cell and the roles that a changed layout would lose.

    Heads that are names of columns become words: `auc_low` reads "auc low". Counts of five digits get their commas.

    Args:
        page: HTML with any number of tables, whose heads lie in one row of `thead`. A cell that spans rows is the first
            of its row: the cells of a row are counted from the right.
    """
    page = _LONG_NUMBER.sub(lambda found: f"{found[1]}{int(found[2]):,}", page)
    return _TABLE.sub(lambda found: _table(_KEY.sub(lambda key: key[0].replace("_", " "), found[0])), page)


def folded(page: str) -> str:
    """The same HTML in a box that opens on a click if its tables have more than `LONG` rows below their heads."""
    rows = len(_ROW.findall(_HEAD.sub("", page)))
    if rows <= LONG:
        return page
    return f'<details class="twinlib-folded"><summary>Table of {rows} rows</summary>{page}</details>'


def _table(table: str) -> str:
    head = _HEAD.search(table)
    rows = _ROW.findall(head[0]) if head else []
    heads = [_plain(text) for text in re.findall(r"<th[^>]*>(.*?)</th>", rows[0], re.DOTALL)] if len(rows) == 1 else []
    if head is None or len(heads) < WIDE:
        return table
    body = _ROW.sub(lambda found: _labelled(found[0], heads), table[head.end() :])
    whole = table[: head.start()] + _CELL.sub(r'<\1\2 role="columnheader">', head[0]) + body
    for tag, role in _ROLES.items():
        whole = re.sub(rf"{tag}\b", role, whole)
    opened, rest = whole.split(">", 1)
    return f'<div class="twinlib-stacked">{opened} role="table">{rest}</div>'


def _labelled(row: str, heads: list[str]) -> str:
    labels = iter(heads[-len(_CELL.findall(row)) :])

    def cell(found: re.Match[str]) -> str:
        role = "cell" if found[1] == "td" else "rowheader"
        return f'<{found[1]}{found[2]} role="{role}" data-label="{html.escape(next(labels, ""))}">'

    return _CELL.sub(cell, row)


def _plain(text: str) -> str:
    """A head without tags, as an attribute may hold it once it is escaped."""
    return html.unescape(re.sub(r"<[^>]+>", " ", text)).strip()
