"""Pairs of the user's own photographs: the same recogniser, the user's own threshold, exact intervals."""

import posixpath
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.audit.given.presets import Preset
from twinlib.audit.given.rendered_crops import CHUNK, Embed, rows_of, unit
from twinlib.audit.given.stored_values import Embeddings, Scores
from twinlib.errors import InputError
from twinlib.faces.detect.search import find
from twinlib.faces.detect.yunet import YuNet
from twinlib.faces.photograph import read_photograph
from twinlib.measure.checks import MIN_FALSE_ACCEPTS
from twinlib.measure.exact import exact_rate
from twinlib.measure.metrics import auc, tar_at_far
from twinlib.progress import progress


class Own(NamedTuple):
    """A list of pairs: image_a, image_b and kind (genuine, twin, sibling, stranger); paths relative to its folder."""

    file: Path
    pairs: pd.DataFrame


def read(file: Path) -> Own:
    """Read a list with image_a, image_b and same (1 or 0), kind, or both.

    Raises:
        InputError: the table cannot be read, lacks a column, has a word that is no label or kind, a pair twice or a
            photograph paired with itself.
    """
    from twinlib.data.text import words
    from twinlib.data.text.table_files import read_table

    table = read_table(file, words.PAIRS)
    frame = table.frame
    if missing := [name for name in ("image_a", "image_b") if name not in frame]:
        raise InputError(f"{file}: wanted the columns image_a, image_b and same or kind; {missing[0]!r} is missing.")
    if "kind" in frame:
        kind = [words.meant(cell, words.KIND, f"{file}: kind") for cell in frame["kind"]]
        for line, cell, one in zip(table.lines, frame.get("same", [""] * len(kind)), kind, strict=True):
            if words.SAME.get(cell.casefold(), one == "genuine") != (one == "genuine"):
                raise InputError(f"{file}: row {line}: same is {cell!r}, kind {one!r}. Correct it.")
    elif "same" in frame:
        same = [words.SAME.get(cell.casefold()) for cell in frame["same"]]
        if None in same:
            row = same.index(None)
            raise InputError(f"{file}: row {table.lines[row]}: same {frame['same'][row]!r} is neither 1 nor 0.")
        kind = ["genuine" if one else "stranger" for one in same]
    else:
        raise InputError(f"{file}: wanted a column same (1 or 0) or kind (genuine, twin, sibling, stranger).")
    _refuse_repeated(file, frame, table.lines)
    return Own(file, frame[["image_a", "image_b"]].assign(kind=kind))


def _refuse_repeated(file: Path, frame: pd.DataFrame, lines: list[int]) -> None:
    """Refuse rows that add no evidence but would be counted as if they did."""
    seen: dict[tuple[str, str], int] = {}
    for line, a, b in zip(lines, frame["image_a"], frame["image_b"], strict=True):
        first, second = sorted(map(posixpath.normpath, (a, b)))
        if first == second:
            raise InputError(f"{file}: row {line}: {a} is paired with itself. Name two photographs.")
        if (first, second) in seen:
            raise InputError(f"{file}: row {line}: the pair of row {seen[first, second]} again. Keep one.")
        seen[first, second] = line


def by_photographs(own: Own, preset: Preset, embed: Embed) -> tuple[Float[np.ndarray, " P"], list[str]]:
    """Scores of the pairs, NaN where a photograph cannot be used, and why; faces are found by YuNet.

    Args:
        own: the list.
        preset: how a face lies in the crop.
        embed: of the recogniser.
    """
    names = sorted({*own.pairs["image_a"], *own.pairs["image_b"]})
    detector, crops, known, wrong = YuNet(), [], [], []
    vectors: list[np.ndarray] = []
    for i, name in enumerate(progress(names, len(names), "own photographs", "image")):
        try:
            pixels = read_photograph(own.file.parent / name).pixels
            if (face := find(pixels, detector)) is None:
                raise InputError(f"{name}: no face found.")
            crops.append(preset.crop(pixels, face.points))
            known.append(name)
        except InputError as error:
            wrong.append(str(error))
        if crops and (len(crops) == CHUNK or i == len(names) - 1):
            vectors.append(rows_of(embed(np.stack(crops)), len(crops)))
            crops = []
    if not known:
        raise InputError(f"{own.file}: no photograph can be used. The first: {wrong[0]}")
    e = dict(zip(known, unit(np.concatenate(vectors), known), strict=True))
    ends = zip(own.pairs["image_a"], own.pairs["image_b"], strict=True)
    return np.array([float(e[a] @ e[b]) if a in e and b in e else np.nan for a, b in ends]), wrong


def by_values(own: Own, values: Embeddings | Scores) -> Float[np.ndarray, " P"]:
    """Scores of the pairs from a file.

    Raises:
        InputError: it lacks an image or a pair.
    """
    a, b = own.pairs["image_a"].tolist(), own.pairs["image_b"].tolist()
    if isinstance(values, Scores):
        return values.of(a, b)
    return np.einsum("pe,pe->p", values.of(a), values.of(b)).astype(np.float64)


def judged(own: Own, scores: Float[np.ndarray, " P"], wrong: list[str], threshold: float | None) -> dict[str, object]:
    """Counts, means, and the rates at the user's threshold or, without one, at an FMR of the user's own strangers.

    Args:
        own: the list.
        scores: the score of each pair; NaN is left out.
        wrong: photographs that could not be used.
        threshold: lowest accepted score.
    """
    used = np.isfinite(scores)
    kind, values = own.pairs["kind"].to_numpy()[used], scores[used]
    found: dict[str, object] = {"pairs": int(used.sum()), "left_out": int((~used).sum()), "problems": wrong[:20]}
    parts = {name: values[kind == name] for name in ("genuine", "twin", "sibling", "stranger") if (kind == name).any()}
    found["scores"] = {name: {"mean": float(v.mean()), "pairs": len(v)} for name, v in parts.items()}
    if {"genuine", "stranger"} <= parts.keys():
        both = np.concatenate([parts["genuine"], parts["stranger"]])
        same = np.repeat([1, 0], [len(parts["genuine"]), len(parts["stranger"])])
        found["auc"] = auc(both, same)
        fmr = next((f for f in (1e-3, 1e-2, 1e-1) if f * len(parts["stranger"]) >= MIN_FALSE_ACCEPTS), None)
        if threshold is None and fmr is not None:
            threshold = float(np.nextafter(tar_at_far(both, same, fmr).threshold, np.inf))
            found["threshold_source"] = f"FMR {fmr:g} of the own strangers"
    if threshold is not None:
        found.setdefault("threshold_source", "given")
        found["threshold"] = threshold
        for name, v in parts.items():
            wrongly = v < threshold if name == "genuine" else v >= threshold
            rate = exact_rate(int(wrongly.sum()), len(v))._asdict()
            found["fnmr" if name == "genuine" else f"fmr_{name}"] = rate | {"pairs": len(v)}
    return found
