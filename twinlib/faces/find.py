"""The landmark step: every image of a source → one aligned crop, one matrix, four boxes, one line of outcome.

Written to `aligned/` in the order of the manifest: `faces.csv`, `faces.npz`, `crops.npy`, `faces.json` (last, so that
its presence means that the rest is whole). Nothing is dropped: an image without a face keeps its row, with the middle
of the picture as crop and the canonical boxes, flagged; a file that cannot be read keeps its row with a black crop.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, UInt8

from twinlib import files, paths
from twinlib.data.manifest import dataset_root, is_rendered, read_manifest
from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.detect.landmarks import detector_record
from twinlib.faces.faceparts import STATUS, FaceStep, Five, placed
from twinlib.faces.photos import list_photos, refuse_unreadable
from twinlib.parts.resumed import joined, make_parts, parts_of

SCHEMA = 1  # raise it when the code, not only a constant, changes what is written
COLUMNS = ("image", "status", "reason", "faces", "attempt")
ARRAYS = ("landmarks", "matrix", "boxes", "canonical")


@dataclass(frozen=True)
class FacesSummary:
    """What the landmark step did: counts of images, and whether an earlier result was taken as it is."""

    folder: Path
    images: int
    found: int
    not_found: int
    unreadable: int
    several: int
    seconds: float
    reused: bool

    def __str__(self) -> str:
        how = "already done" if self.reused else f"{self.images / max(self.seconds, 1e-9):.0f} images/s"
        return (
            f"{self.found} of {self.images} faces found ({self.found / max(self.images, 1):.2%}), "
            f"{self.not_found} not found, {self.unreadable} unreadable, {self.several} with several faces; {how}"
        )


@dataclass(frozen=True)
class Faces:
    """Result of the landmark step, row by row in the order of the manifest.

    Attributes:
        frame: `image`, `status` (found, not_found, unreadable), `reason`, `faces` (how many), `attempt`.
        landmarks: pixels of the stored image; NaN where nothing was found.
        matrix: image → crop.
        boxes: eyes, nose, mouth, jaw as x0, y0, x1, y1 in [0, 1] of the crop.
        canonical: the boxes are the canonical ones, because nothing was found.
        crops: RGB, read from disk as needed.
    """

    frame: pd.DataFrame
    landmarks: Float[np.ndarray, "N 478 2"]
    matrix: Float[np.ndarray, "N 2 3"]
    boxes: Float[np.ndarray, "N 4 4"]
    canonical: Bool[np.ndarray, " N"]
    crops: UInt8[np.ndarray, "N S S 3"]


def find_faces(
    source: Path | str,
    out: Path | None = None,
    size: int = 112,
    workers: int | None = None,
    limit: int | None = None,
    points: Five | None = None,
    follow_links: bool = False,
    strict: bool = True,
) -> FacesSummary:
    """Find, align and box the face of every image of a data set, a folder, a zip or a single photograph.

    Interrupted work is resumed; a finished result of the same images and settings is returned at once. The output
    does not depend on the number of workers.

    Args:
        source: name or folder of a data set (`manifest.csv`), any folder of photographs, a zip, or a photograph.
        out: where to write; by default `aligned/` in the data set, and for photographs
            `build/data/<name of the source>/aligned/`.
        size: side of the crops, px.
        workers: processes; by default one a processor core, and one for fewer than 256 images.
        limit: take only the first so many images.
        points: five points of some or all images (see `read_points`), used instead of the detector; such a row has
            `attempt` given, the five points in the places `align.five_points` reads and NaN elsewhere, and canonical
            boxes, flagged.
        follow_links: see `list_photos`.
        strict: refuse a source of which more than `photos.UNREADABLE` cannot be read, once the result is written.

    Raises:
        InputError: if the source holds no image, too few that can be read, or none that has given points, mediapipe is
            missing, or a worker process died. A bad image is not an error: it is recorded.
    """
    started = time.perf_counter()
    source = Path(source) if Path(source).exists() else dataset_root(str(source))
    out = out or default_out(source)
    photos = list_photos(source, skip=out, limit=limit, follow_links=follow_links)
    points = placed(points, photos.images, photos.paths) if points else None
    record: dict[str, object] = {"schema": SCHEMA, "detector": detector_record()}
    record |= {"template": "insightface 112", "size": size}
    if points:
        record |= {"points_sha256": files.hash_of({name: place.tolist() for name, place in points.items()})}
    align.template(size)  # refuses an impossible size before the work begins
    key = files.hash_of({**record, "geometry": align.geometry_record(), "photos": photos.sha256})
    if done := _finished(out, key, follow_links):
        _refuse_unreadable(out, done["counts"], strict)
        return _summary(out, done["counts"], time.perf_counter() - started, reused=True)
    folder = parts_of(out, "parts", key[:16] + "-links" * follow_links)
    step = partial(FaceStep, photos.source.absolute(), size, follow_links, upright=is_rendered(source))
    todo = [(path, (points or {}).get(path)) for path in photos.paths]
    parts = make_parts(step, todo, folder, workers, "faces")
    (out / "faces.json").unlink(missing_ok=True)  # from here until it is written again nothing is whole
    counts = _join(photos.images, size, parts, out)
    record |= {"source": source.name, "images": len(photos.images), "counts": counts}
    record |= {"manifest_sha256": photos.manifest_sha256, "inputs_sha256": key}
    record |= {"follow_links": True} if follow_links else {}
    record |= {f"{name}_sha256": files.sha256(out / f"faces.{name}") for name in ("npz", "csv")}
    record |= {"crops_sha256": files.sha256(out / "crops.npy")}
    files.write_json(out / "faces.json", record)
    shutil.rmtree(folder)
    _refuse_unreadable(out, counts, strict)
    return _summary(out, counts, time.perf_counter() - started, reused=False)


def default_out(source: Path) -> Path:
    """Where results go: into a data set itself, but never among somebody's photographs."""
    inside = (source / "manifest.csv").is_file()
    return (source if inside else paths.data_dir() / source.stem) / "aligned"


def read_faces(root: Path) -> Faces:
    """Read and check the result for a data set, or for photographs.

    Args:
        root: folder of a data set, or a folder that holds `faces.json` or `aligned/faces.json`.

    Raises:
        InputError: if there is no result, it is damaged, or it was made for another manifest or for a part of it.
    """
    folder = root if (root / "faces.json").is_file() else root / "aligned"
    remedy = f"Run `twinlib landmarks {root.name}`."
    if not (folder / "faces.json").is_file():
        raise InputError(f"{folder / 'faces.json'} does not exist. {remedy}")
    record = files.read_json(folder / "faces.json")
    if missing := [name for name in ("faces.csv", "faces.npz", "crops.npy") if not (folder / name).is_file()]:
        raise InputError(f"{folder / missing[0]} does not exist. {remedy}")
    manifest = read_manifest(root) if (root / "manifest.csv").is_file() else None
    if manifest and manifest.sha256 != record["manifest_sha256"]:
        raise InputError(f"{folder} was made for another manifest.csv than the one beside it. {remedy}")
    if files.sha256(folder / "faces.npz") != record["npz_sha256"]:
        raise InputError(f"{folder / 'faces.npz'} is not the file that faces.json records. {remedy}")
    texts = dict.fromkeys(("image", "status", "reason", "attempt"), str)
    frame = _load(folder / "faces.csv", lambda file: pd.read_csv(file, dtype=texts, keep_default_na=False), root.name)
    stored = _load(folder / "faces.npz", lambda file: dict(np.load(file)), root.name)
    arrays = {name: stored[name] for name in ARRAYS}
    crops = _load(folder / "crops.npy", lambda file: np.load(file, mmap_mode="r"), root.name)
    faces = Faces(frame, **arrays, crops=crops)
    wanted = record["images"] if manifest is None else len(manifest.images)
    rows = {field.name: len(getattr(faces, field.name)) for field in fields(Faces)}
    if set(rows.values()) != {wanted}:
        raise InputError(f"{folder}: wanted {wanted} rows everywhere, found {rows}. {remedy}")
    return faces


def _load(file: Path, read: Callable[[Path], Any], name: str) -> Any:
    try:
        return read(file)
    except (OSError, EOFError, ValueError) as error:  # ValueError: also a file shorter than its header says
        raise InputError(f"{file} is damaged ({error}). Remove it and run `twinlib landmarks {name}`.") from error


def _finished(folder: Path, key: str, follow_links: bool) -> dict | None:
    """Record of a whole earlier result of the same images, settings and code; None if there is none.

    One for which links were followed serves where they were not, so that training reads it; not the other
    way round, if something could not be read.
    """
    if not all((folder / name).is_file() for name in ("faces.json", "faces.csv", "faces.npz", "crops.npy")):
        return None
    record = files.read_json(folder / "faces.json")
    same = record.get("inputs_sha256") == key and files.sha256(folder / "faces.npz") == record.get("npz_sha256")
    enough = record.get("follow_links") or not follow_links or not record["counts"]["unreadable"]
    return record if same and enough else None


def _join(images: list[str], size: int, parts: list[Path], out: Path) -> dict[str, int]:
    """Write the three files from the parts; return the counts."""
    with files.replacing(out / "crops.npy") as temporary:
        shape = (len(images), size, size, 3)
        crops = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=shape)
        first = 0
        for part in parts:  # one in memory at a time
            with np.load(part) as stored:
                crop = stored["crop"]
            crops[first : first + len(crop)] = crop
            first += len(crop)
        crops.flush()
        del crops
    table = joined(parts, (*COLUMNS[1:], *ARRAYS))
    with files.replacing(out / "faces.npz") as temporary:
        np.savez(temporary, **{name: table[name] for name in ARRAYS})
    frame = pd.DataFrame({"image": images} | {name: table[name] for name in COLUMNS[1:]})
    with files.replacing(out / "faces.csv") as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")
    return _counts(table)


def _refuse_unreadable(folder: Path, counts: dict[str, int], strict: bool) -> None:
    """Refuse a result that is whole but for too many images that cannot be read."""
    if strict and counts["unreadable"]:
        frame = pd.read_csv(folder / "faces.csv", dtype=str, keep_default_na=False)
        reasons = frame["reason"][frame["status"] == "unreadable"].tolist()
        refuse_unreadable(reasons, len(frame), str(folder / "faces.csv"))


def _counts(table: dict[str, np.ndarray]) -> dict[str, int]:
    counts = {status: int((table["status"] == status).sum()) for status in STATUS}
    return counts | {"several": int((table["faces"] > 1).sum())}


def _summary(folder: Path, counts: dict[str, int], seconds: float, reused: bool) -> FacesSummary:
    images = sum(counts[status] for status in STATUS)
    return FacesSummary(folder, images, **counts, seconds=seconds, reused=reused)
