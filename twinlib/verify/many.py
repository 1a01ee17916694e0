"""Many pairs from a list: a table of answers. Each photograph is read once; memory is that of one pair."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from twinlib import files
from twinlib.errors import InputError
from twinlib.progress import progress
from twinlib.ranges import DISTANCE, threshold_on
from twinlib.verify.answer import Embedded
from twinlib.verify.verifier import TwinVerifier

COLUMNS = ("image_a", "image_b", "verified", "score", "distance", "reasons", "warnings", "error")
NOTHING = np.zeros((1, 1, 3), np.uint8)


def verify_list(verifier: TwinVerifier, source: Path, out: Path, threshold: float | None = None) -> str:
    """Answer every pair of a table and write a CSV with a row for each, in its order.

    `verified` is 1, 0, or empty where there is no answer; then `reasons` or `error` says why.

    Args:
        verifier: answers.
        source: table with columns image_a and image_b, by any of their names; paths are relative to its folder.
        out: CSV to write, whole or not at all.
        threshold: largest distance that is accepted; by default that of the calibration.

    Returns:
        A sentence with the number of pairs.

    Raises:
        InputError: the table cannot be read, has no such columns or no rows; or there is no threshold; or the answers
            cannot be written, or would be written over the table.
    """
    from twinlib.data.text import words
    from twinlib.data.text.table_files import read_table

    if out.exists() and source.exists() and out.samefile(source):
        raise InputError(f"--out {out} is the list itself, which would be lost. Name another file.")
    files.refuse_unwritable(out)
    table = read_table(source, words.PAIRS).frame
    if missing := [name for name in COLUMNS[:2] if name not in table]:
        raise InputError(f"{source}: wanted the columns image_a and image_b; {missing[0]!r} is missing.")
    pairs = list(zip(table["image_a"], table["image_b"], strict=True))
    counts = {"1": 0, "0": 0, "": 0}
    with files.replacing(out) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in progress(answered(verifier, pairs, source.parent, threshold), len(pairs), "verifying", "pair"):
            writer.writerow(row)
            counts[row["verified"]] += 1
    return (
        f"{out}: {len(pairs)} pairs, {counts['1']} one person, {counts['0']} two people, {counts['']} without an answer"
    )


def answered(
    verifier: TwinVerifier, pairs: Iterable[tuple[str, str]], root: Path, threshold: float | None
) -> Iterator[dict[str, str]]:
    """A row of `COLUMNS` for each pair."""
    known: dict[str, Embedded | str] = {}
    limit = None if threshold is None else threshold_on(DISTANCE, threshold)
    verifier.refuse_without_threshold(limit)
    for pair in pairs:
        sides = [_embedded(verifier, known, root / name) for name in pair]
        row = dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, pair, strict=False))
        good = [side for side in sides if not isinstance(side, str)]
        if wrong := [side for side in sides if isinstance(side, str)]:
            yield row | {"error": "; ".join(dict.fromkeys(wrong))}
            continue
        found = verifier.judged(limit, dict(zip(("image_a", "image_b"), good, strict=True)))
        verified = "" if found["abstained"] else str(int(bool(found["verified"])))
        numbers = {name: f"{found[name]:.6f}" for name in ("score", "distance")}
        texts = {name: "; ".join(found[name]) for name in ("reasons", "warnings")}
        yield row | {"verified": verified} | numbers | texts


def _embedded(verifier: TwinVerifier, known: dict[str, Embedded | str], file: Path) -> Embedded | str:
    """The embedding of a photograph without its pixels, or why there is none."""
    if (key := str(file)) not in known:
        try:
            [found] = verifier.embedded([(key, file)])
            bare = found.seen and replace(found.seen, crop=None, pixels=NOTHING)
            known[key] = found._replace(seen=bare)
        except InputError as error:
            known[key] = str(error)
    return known[key]
