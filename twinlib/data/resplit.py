"""Draw the splits of a data set anew, whole families only."""

from pathlib import Path

import pandas as pd

from twinlib import files
from twinlib.data.manifest import COLUMNS, check_table, manifest_table
from twinlib.data.splits import split_families
from twinlib.errors import InputError


def resplit(
    root: Path,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    keep: bool = False,
    overwrite: bool = False,
) -> pd.DataFrame:
    """Give every family of `root/manifest.csv` a split and write the table back.

    Args:
        root: folder of a data set; the column `split` may be missing or partly empty.
        validation: share of the families of each relation that go to validation.
        test: likewise to test.
        seed: of the draw.
        keep: families that have a split keep it.
        overwrite: replace splits that are there.

    Returns:
        The new table.

    Raises:
        InputError: no manifest, a fault of the manifest (a family in two splits, if `keep`), or there are splits and
            neither `keep` nor `overwrite` says what to do with them.
    """
    file = root / "manifest.csv"
    if not file.is_file():
        raise InputError(f"{file} does not exist. Make a data set of your folder first: twinlib data import.")
    read = manifest_table(file)
    table = read.frame
    before = table["split"] if "split" in table else pd.Series("", index=table.index)
    table = table.assign(split=before)
    if (before != "").any() and not (keep or overwrite):
        raise InputError(f"{file} has splits. Add --keep to fill the empty ones only, or --overwrite to draw all anew.")
    check_table(table.assign(split=before.where((before != "") & keep, "train")), file, read.lines)
    if keep:
        table["split"] = _filled(table)
    drawn = split_families(table if keep else table.drop(columns="split"), validation, test, seed)
    ordered = [*COLUMNS, *(name for name in drawn if name not in COLUMNS)]
    check_table(drawn, file)
    files.write_text(file, drawn[ordered].to_csv(index=False, lineterminator="\n"))
    return drawn[ordered]


def _filled(table: pd.DataFrame) -> pd.Series:
    """The split of a family that is known from some of its rows, for all of them."""
    known = table[table["split"] != ""].drop_duplicates(["family", "split"])
    if (torn := known["family"].duplicated()).any():
        family = known["family"][torn.idxmax()]
        where = " and ".join(known["split"][known["family"] == family])
        raise InputError(f"family {family!r} is in more than one split: {where}. Keep it in one.")
    return table["family"].map(dict(zip(known["family"], known["split"], strict=True))).fillna("")
