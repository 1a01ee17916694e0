"""Embeddings of the audit's pictures, aligned by the renderer's own points: no detector is audited."""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8

from twinlib import files, paths
from twinlib.audit.given.onnx_file import OnnxFile
from twinlib.audit.given.presets import Preset
from twinlib.errors import InputError
from twinlib.faces.align import five_points
from twinlib.faces.images import read_image
from twinlib.parts.resumed import Columns, joined, make_parts, parts_of
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
    return _whole(vectors, images)


class CropStep:
    """From pictures and their five points to embeddings as an ONNX file gives them."""

    def __init__(self, file: Path, preset: Preset) -> None:
        self._file, self._preset = file, preset

    def __enter__(self) -> "CropStep":
        self._network = OnnxFile(self._file, self._preset)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def rows(self, items: Sequence[tuple[str, Float[np.ndarray, "5 2"]]]) -> Columns:
        """Embeddings of pictures."""
        crops = [self._preset.crop(read_image(Path(file)), points) for file, points in items]
        return {"e": rows_of(self._network(np.stack(crops)), len(crops))}


def embedded_by_file(images: pd.DataFrame, preset: Preset, file: Path) -> Float[np.ndarray, "N E"]:
    """The same by an ONNX file, in parts that are kept until all are there; see `parts.jobs` for where.

    Args:
        images: of a `Protocol`.
        preset: how a face lies in the crop that the network takes.
        file: ONNX.
    """
    key = files.hash_of([files.sha256(file), repr(preset), images["image"].tolist(), _truths(images)])
    folder = parts_of(paths.build_dir() / "audit", "parts", key[:16])
    names = [str(Path(name).absolute()) for name in images["file"]]
    items = list(zip(names, five_points_of(images), strict=True))
    parts = make_parts(partial(CropStep, file.absolute(), preset), items, folder, 1, "embedding", CHUNK)
    vectors = [joined([part])["e"] for part in parts]
    shutil.rmtree(folder)
    return _whole(vectors, images)


def _truths(images: pd.DataFrame) -> list[str]:
    """Hashes of the manifests of the sets, which say what is on their pictures."""
    roots = {name: Path(rows.iloc[0]).parents[2] for name, rows in images.groupby("set", sort=False)["file"]}
    return [files.sha256(root / "manifest.csv") for root in roots.values()]


def _whole(vectors: list[np.ndarray], images: pd.DataFrame) -> Float[np.ndarray, "N E"]:
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
    with np.errstate(over="ignore"):
        length = np.linalg.norm(e.astype(np.float64), axis=1)
    if (bad := ~np.isfinite(length) | (length == 0)).any():
        name = names[int(bad.argmax())]
        raise InputError(
            f"the embedding of {name} is NaN, infinite or all zero ({int(bad.sum())} such). Embed the images again."
        )
    return (e / length[:, None]).astype(np.float32)
