"""Embeddings of the audit's pictures, aligned by the renderer's own points: no detector is audited."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8

from twinlib.audit.given.presets import Preset
from twinlib.errors import InputError
from twinlib.faces.align import five_points
from twinlib.faces.images import read_image
from twinlib.progress import progress

CHUNK = 128  # crops that are held at a time

Embed = Callable[[UInt8[np.ndarray, "N S S 3"]], Float[np.ndarray, "N E"]]


def embedded(images: pd.DataFrame, preset: Preset, embed: Embed) -> Float[np.ndarray, "N E"]:
    """Embeddings of the images, of unit length.

    Args:
        images: of a `Protocol`.
        preset: how a face lies in the crop that `embed` takes.
        embed: RGB crops to a row of numbers each, of any length.

    Raises:
        InputError: another number of rows, a length that changes, NaN, or a vector of zeros; the picture is named.
    """
    points = five_points_of(images)
    bar = progress(range(len(images)), len(images), "embedding", "image")
    crops, vectors = [], []
    for i, file in zip(bar, images["file"], strict=True):
        crops.append(preset.crop(read_image(Path(file)), points[i]))
        if len(crops) == CHUNK or i == len(images) - 1:
            vectors.append(rows_of(embed(np.stack(crops)), len(crops)))
            crops = []
    if len({part.shape[1] for part in vectors}) > 1:
        raise InputError("the recogniser gives embeddings of different lengths. It must give one length.")
    return unit(np.concatenate(vectors), images["image"].tolist())


def five_points_of(images: pd.DataFrame) -> Float[np.ndarray, "N 5 2"]:
    """Five points of each picture, px, from the truth of its set."""
    parts = []
    for _, rows in images.groupby("set", sort=False):
        with np.load(Path(rows["file"].iloc[0]).parents[2] / "truth.npz") as truth:
            landmarks = truth["landmarks"].astype(np.float64)
        parts.append(np.stack([five_points(one) for one in landmarks]))
    return np.concatenate(parts)


def rows_of(e: object, wanted: int) -> Float[np.ndarray, "N E"]:
    """What a recogniser returned as rows of numbers.

    Raises:
        InputError: something else, or another number of rows.
    """
    array = np.asarray(e)
    if array.ndim != 2 or len(array) != wanted or array.dtype.kind not in "fiu" or not array.shape[1]:
        found = f"{array.dtype} {list(array.shape)}"
        raise InputError(f"the recogniser must give a row of numbers for each of {wanted} crops; found {found}.")
    return array.astype(np.float32)


def unit(e: Float[np.ndarray, "N E"], names: list[str]) -> Float[np.ndarray, "N E"]:
    """Embeddings of length 1, float32.

    Raises:
        InputError: one is NaN, infinite or all zero; its name is in the message.
    """
    length = np.linalg.norm(e.astype(np.float64), axis=1)
    if (bad := ~np.isfinite(length) | (length == 0)).any():
        name = names[int(bad.argmax())]
        raise InputError(
            f"the embedding of {name} is NaN, infinite or all zero ({int(bad.sum())} such). Embed the images again."
        )
    return (e / length[:, None]).astype(np.float32)
