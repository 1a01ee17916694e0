"""The table of a chapter: published | ours | interval | verdict, with its CSV to download."""

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

import pandas as pd

from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval
from twinlib.measure.checks import MIN_FALSE_ACCEPTS, MIN_FAMILIES, enough_families
from twinlib.measure.interval import end_text
from twinlib.records.published import CANNOT_TELL, DOES_NOT, HOLDS, Published, verdict

VERDICTS = (HOLDS, DOES_NOT, CANNOT_TELL, "")
NOT_REPRODUCED = f"{DOES_NOT}: not reproduced"


@dataclass(frozen=True)
class Row:
    """One line of a table; numbers are in the unit that is shown."""

    label: str
    quantity: str
    published: float | None
    unit: str
    ours: float | None
    low: float | None
    high: float | None
    families: int | None
    seeds: int | None
    k: int | None
    claim: str
    verdict: str
    flagged: bool
    reason: str = ""  # why there is no interval


@dataclass
class Table:
    """Published numbers beside ours. The data sets differ, so directions and orders are compared, never values.

    Attributes:
        title: what is compared.
        profile: smoke, cpu or full.
        dataset: what ours was measured on.
        published_on: what the published numbers were measured on.
        flag_small: print numbers from too few families or false accepts flagged instead of refusing them; for the
            smoke profile and for k-fold lists.
        unfinished: label of a row → what it lacks to be finished; such rows are marked.
        remarks: sentences for the notes below the table.
    """

    title: str
    profile: str
    dataset: str
    published_on: str = "ND_TWIN"
    flag_small: bool = False
    rows: list[Row] = field(default_factory=list)
    unfinished: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def add(
        self,
        label: str,
        quantity: str,
        ours: Interval | None = None,
        published: Published | None = None,
        *,
        k: int | None = None,
        claim: str = "",
        verdict: str = "",
    ) -> None:
        """Add a number; `ours` is a fraction where the unit is %. An AUC, and a difference of two, stays a fraction.

        Args:
            label: the row's name, e.g. the model.
            quantity: what is measured, e.g. twin accuracy.
            ours: value and interval; None where we have none.
            published: from `published.published`; None where the paper has none.
            k: false accepts behind a TAR@FAR.
            claim: the claim that the verdict is on.
            verdict: holds, does not hold, cannot tell or nothing.

        Raises:
            InputError: an unknown verdict, a verdict without a claim, fewer than 30 families or k < 10 (unless
                flagged).
        """
        if verdict not in VERDICTS or (verdict and not claim):
            raise InputError(f"{label}: verdict {verdict!r} needs a claim and is one of {', '.join(VERDICTS[:3])}.")
        unit, theirs = (published.unit, published.value) if published else ("%", None)
        if "AUC" in quantity and unit == "%":  # one unit for AUC in tables as in prose
            unit, theirs = "fraction", None if theirs is None else theirs / 100
        scale = 100 if unit == "%" else 1
        numbers = [None] * 3 if ours is None else [scale * value for value in (ours.value, ours.low, ours.high)]
        small = self._small(label, ours, k)
        self.rows.append(
            Row(
                label=label,
                quantity=quantity,
                published=theirs,
                unit=unit,
                ours=numbers[0],
                low=numbers[1],
                high=numbers[2],
                families=ours.families if ours else None,
                seeds=ours.seeds if ours else None,
                k=k,
                claim=claim,
                verdict=CANNOT_TELL if small and verdict else verdict,
                flagged=small,
                reason=ours.missing if ours else "",
            )
        )

    def add_claim(
        self,
        claim: str,
        quantity: str,
        difference: Interval,
        published: float | None = None,
        *,
        claimed: int = 1,
        lacks: str = "",
    ) -> None:
        """Add a claimed difference with the verdict that its paired interval gives.

        Args:
            claim: in words, e.g. HCA helps; also the row's name.
            quantity: what differs, e.g. twin accuracy.
            difference: paired, over families and seeds; a fraction.
            published: the published difference in points of %.
            claimed: its claimed sign.
            lacks: what the rows behind it lack to be finished; then nothing can be told.
        """
        given = None if published is None else Published(published, "%", "")
        judged = verdict(difference, claimed, lacks=[lacks] if lacks else [])
        self.add(claim, quantity, difference, given, claim=claim, verdict=judged)

    def frame(self) -> pd.DataFrame:
        """All columns, with profile and data set, for the CSV; `reason` where a row has no interval."""
        table = pd.DataFrame([vars(row) for row in self.rows], columns=list(Row.__dataclass_fields__))
        if not table["reason"].any():
            table = table.drop(columns="reason")
        table = table.astype({name: "Int64" for name in ("families", "seeds", "k")})
        return table.assign(profile=self.profile, dataset=self.dataset, published_on=self.published_on)

    def to_csv(self) -> str:
        """The table as CSV text."""
        return self.frame().to_csv(index=False, float_format="%.6g", lineterminator="\n")

    def to_html(self) -> str:
        """The table as HTML with a link that holds its CSV; nothing is loaded from anywhere."""
        heads = ["system", "quantity", f"published<br>({escape(self.published_on)})"]
        heads += [f"ours<br>({escape(self.dataset)}, profile {escape(self.profile)})", "95 % interval", "verdict"]
        head = "".join(f'<th scope="col">{text}</th>' for text in heads)
        groups = [list(rows) for _, rows in groupby(self.rows, key=lambda row: row.label)]
        body = "".join(
            f"<tr>{self._cells(row, len(rows) if row is rows[0] else 0)}</tr>" for rows in groups for row in rows
        )
        notes = self._notes()
        packed = base64.b64encode(self.to_csv().encode()).decode()
        name = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "table"
        link = f'<a download="{name}.csv" href="data:text/csv;charset=utf-8;base64,{packed}">Download as CSV</a>'
        caption = f"{self.title}. Profile {self.profile}, data set {self.dataset}."
        return (
            f'<div class="twinlib-table"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table><p>{escape(notes)} {link}</p></div>"
        )

    def _repr_html_(self):
        return self.to_html()

    def __str__(self) -> str:
        lines = [f"{self.title} | profile {self.profile} | {self.dataset} (published: {self.published_on})"]
        for row in self.rows:
            lines.append("  ".join([self._name(row), row.quantity, *(_plain(text) for text in self._texts(row))]))
        return "\n".join([*lines, self._notes()])

    def _texts(self, row):
        """Published, ours, interval and verdict as text."""
        unit = f" {row.unit}" if row.unit == "%" else ""
        form = ("+" if row.quantity.startswith("difference") else "") + (".1f" if row.unit == "%" else ".3f")
        shown = [f"{value:{form}}{unit}" if value is not None else "–" for value in (row.published, row.ours)]
        interval = (
            "–"
            if row.low is None or math.isnan(row.low)
            else f"[{end_text(row.low, form)}, {end_text(row.high, form)}]"
        )
        judged = NOT_REPRODUCED if row.verdict == DOES_NOT else row.verdict
        return [shown[0], shown[1] + (" †" if row.flagged else ""), interval, judged or "–"]

    def _cells(self, row, spanned):
        """Cells of a row; its name appears once for the `spanned` rows of its group, with the first of them."""
        name = f'<th scope="rowgroup" rowspan="{spanned}">{escape(self._name(row))}</th>' if spanned else ""
        cells = "".join(f"<td>{escape(text)}</td>" for text in [row.quantity, *self._texts(row)])
        return name + cells

    def _notes(self):
        """What a reader must know to read the numbers."""
        sizes = sorted({(row.families, row.seeds) for row in self.rows if row.families})
        notes = ["Other data than the published: directions are compared, not values."]
        if sizes:
            families, seeds = (sorted({str(size[i]) for size in sizes}, key=int) for i in (0, 1))
            plural = "" if seeds == ["1"] else "s"
            notes.append(f"Intervals over {' or '.join(families)} families and {' or '.join(seeds)} seed{plural}.")
        notes += [f"No interval where {why}." for why in dict.fromkeys(row.reason for row in self.rows) if why]
        if any(row.flagged for row in self.rows):
            notes.append(
                f"† from fewer than {MIN_FAMILIES} families or {MIN_FALSE_ACCEPTS} false accepts: not to be relied on."
            )
        notes += self.remarks
        notes += [f"‡ {label} is not finished: {lacks}." for label, lacks in self.unfinished.items()]
        return " ".join(notes)

    def _name(self, row):
        """A row's name, marked where the row is not finished."""
        return row.label + (" ‡" if row.label in self.unfinished else "")

    def _small(self, label, ours, k):
        """Whether a number rests on too little; refused unless such numbers are flagged."""
        few_families = ours is not None and ours.families < MIN_FAMILIES
        few_accepts = k is not None and k < MIN_FALSE_ACCEPTS
        if few_families and not self.flag_small:
            enough_families(ours.families)
        if few_accepts and not self.flag_small:
            raise InputError(
                f"{label}: TAR@FAR rests on k = {k} false accepts; a table needs {MIN_FALSE_ACCEPTS}. Use more pairs."
            )
        return few_families or few_accepts


def _plain(text):
    return text.ljust(16)


def word(holds: bool | None) -> str:
    """Verdict on a claim that needs no training to be judged; None where the evidence leaves it open."""
    return CANNOT_TELL if holds is None else HOLDS if holds else NOT_REPRODUCED


def claims_frame(rows: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """Claims, what was measured on each, and the verdict."""
    return pd.DataFrame(rows, columns=["claim", "measured", "verdict"])
