"""The verdict on each pair of an evaluation, as a table and as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.errors import InputError
from twinlib.measure.verification import Verification, predictions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from twinlib.data.readers import Collection
    from twinlib.faces.crops import Align

WORST = 6  # pairs of each kind of error that are drawn
DPI = 120


def keep(
    listed: pd.DataFrame,
    pairs: tuple[np.ndarray, ...],
    found: Verification,
    table: str | None,
    folder: str | None,
    collection: "Collection | None",
    size: int,
    align: "Align",
) -> list[str]:
    """Write the table and the pictures that `evaluate` was asked for, and report which.

    Args:
        listed: the pair list.
        pairs: features, rows of both images, same, fold.
        found: the figures.
        table: CSV to write, if any.
        folder: for pictures, if any.
        collection: images of the pairs; None where embeddings alone were given.
        size: of the crops, px.
        align: as they were made.

    Raises:
        InputError: what cannot be written.
    """
    if not (table or folder):
        return []
    predicted = table_of(listed, predictions(*pairs, found))
    told = []
    if table:
        files.write_text(Path(table), predicted.to_csv(index=False, lineterminator="\n"))
        told.append(f"{table}: {len(predicted)} pairs, {int((predicted['right'] == 0).sum())} judged wrong")
    return told + (pictures(predicted, Path(folder), collection, size, align) if folder else [])


def table_of(listed: pd.DataFrame, found: np.ndarray) -> pd.DataFrame:
    """The pair list with score, threshold (of the fold), accepted and right, 1 or 0.

    Args:
        listed: image_a, image_b, same, fold, and possibly kind.
        found: of `measure.verification.predictions`.
    """
    kept = [name for name in ("image_a", "image_b", "kind", "same", "fold") if name in listed]
    judged = {"accepted": found[:, 2].astype(int), "right": found[:, 3].astype(int)}
    return listed[kept].reset_index(drop=True).assign(score=found[:, 0], threshold=found[:, 1], **judged)


def pictures(
    table: pd.DataFrame, folder: Path, collection: "Collection | None", size: int, align: "Align"
) -> list[str]:
    """Write roc.png, histogram.png and, where there are images and errors, worst.png; each says in words what it shows.

    Args:
        table: of `table_of`.
        folder: to write into.
        collection: images of the pairs; None where embeddings alone were given.
        size: of the crops, px.
        align: as they were made.

    Returns:
        What was written or could not be.
    """
    from twinlib.figures.curves import roc_curves, score_histogram

    plain = np.where(table["same"] == 1, "genuine", "stranger")
    kinds = table if "kind" in table else table.assign(kind=plain)
    made = {"roc.png": roc_curves({"all pairs": table})}
    made["histogram.png"] = score_histogram(kinds, float(table["threshold"].mean()))
    told = []
    wrong = worst(table)
    if collection is None:
        told.append("worst.png is not drawn: embeddings have no pictures")
    elif wrong.empty:
        told.append("worst.png is not drawn: every pair was judged right")
    else:
        made["worst.png"] = _sheet(wrong, collection, size, align)
    for name, (figure, alt) in made.items():
        _write(folder / name, figure, alt)
    return [f"{folder}: {', '.join(made)}", *told]


def worst(table: pd.DataFrame) -> pd.DataFrame:
    """The pairs that were furthest wrong, at most `WORST` of each kind of error, the worst first."""
    wrong = table[table["right"] == 0]
    far = (wrong["score"] - wrong["threshold"]).abs().sort_values(ascending=False, kind="stable")
    return wrong.loc[far.index].groupby("same", sort=True).head(WORST).sort_values("same", kind="stable")


def _sheet(wrong: pd.DataFrame, collection: "Collection", size: int, align: "Align") -> "tuple[Figure, str]":
    """Both faces of each pair with its score."""
    from twinlib.faces.crops import crops_of
    from twinlib.figures.gallery import contact_sheet

    path = dict(zip(collection.images["image"], collection.images["path"], strict=True))
    names = [path[name] for pair in zip(wrong["image_a"], wrong["image_b"], strict=True) for name in pair]
    with collection.reading() as read:
        crops = [np.asarray(one.pixels) for one in crops_of(names, read, size, align)]
    what = {0: "two people, accepted", 1: "one person, refused"}
    rows = [f"{what[same]}\n{score:.3f}" for same, score in zip(wrong["same"], wrong["score"], strict=True)]
    return contact_sheet(crops, rows, 2, "The pairs that were furthest wrong, with their scores", of="faces")


def _write(file: Path, figure: "Figure", alt: str) -> None:
    if file.parent.exists() and not file.parent.is_dir():
        raise InputError(f"{file.parent} is a file. Name a folder for the pictures.")
    with files.replacing(file) as temporary:
        figure.savefig(temporary, dpi=DPI, metadata={"Description": alt})
