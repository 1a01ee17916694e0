"""Splits by family: everybody who is related to somebody stays in the same split; drawn, and drawn anew."""

import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.arrays import groups
from twinlib.data.manifest import COLUMNS, SPLITS, check_table, manifest_table
from twinlib.errors import InputError


def split_families(table: pd.DataFrame, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> pd.DataFrame:
    """A copy of the table with a column `split`: whole families, and each relation cut in the same shares.

    The families of a relation are put in an order drawn by the seed; the first are test, the next validation.
    Families of one relation do not move those of another. A family that has a split already keeps it.

    Args:
        table: a row for each image with family and relation; its column `split`, if there is one, may be partly empty.
        validation: share of the families without a split, in [0, 1).
        test: likewise.
        seed: the draw.

    Raises:
        InputError: a share outside [0, 1), shares that leave nothing to train on, or a family or relation that is
            missing.
    """
    for name in ("family", "relation"):
        groups(table[name], f"table.{name}")
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        found = f"{validation} and {test}"
        raise InputError(f"shares of validation and test: wanted a sum below 1, found {found}. Leave some to train on.")
    families = table.drop_duplicates("family").sort_values("family", ignore_index=True)
    settled = families["split"].isin(SPLITS) if "split" in families else pd.Series(False, index=families.index)
    split_of = dict(zip(families["family"][settled], families["split"][settled], strict=True)) if settled.any() else {}
    for relation, names in families[~settled].groupby("relation", sort=True)["family"]:
        order = np.random.default_rng([seed, zlib.crc32(str(relation).encode())]).permutation(names.to_numpy())
        tested, held = round(test * len(order)), round(validation * len(order))
        split_of |= dict.fromkeys(order, "train") | dict.fromkeys(order[: tested + held], "validation")
        split_of |= dict.fromkeys(order[:tested], "test")
    return table.assign(split=table["family"].map(split_of))


def cut_validation(table: pd.DataFrame, share: float = 0.15) -> pd.DataFrame:
    """A copy with `share` of the training families moved to validation: for data published as train and test only.

    Args:
        table: a row for each image with family, relation and split.
        share: of the families of each relation in train, in [0, 1).

    Raises:
        InputError: as `split_families`.
    """
    training = table["split"] == "train"
    cut = split_families(table[training].drop(columns="split"), share, 0.0, 0)
    split = table["split"].to_numpy(dtype=object, copy=True)
    split[training.to_numpy()] = cut["split"].to_numpy()
    return table.assign(split=split)


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
        keep: leave families that already have a split where they are.
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
        family = known["family"][torn].iloc[0]
        where = " and ".join(known["split"][known["family"] == family])
        raise InputError(f"family {family!r} is in more than one split: {where}. Keep it in one.")
    return table["family"].map(dict(zip(known["family"], known["split"], strict=True))).fillna("")
