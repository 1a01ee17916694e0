"""Look at a data set of your own, prepare and split it."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from twinlib.cli import data_check, data_formats
from twinlib.ranges import Count, Part, Seed


def landmarks(
    images: str,
    out: str | None = None,
    size: Count = 112,
    workers: Count | None = None,
    points: str | None = None,
    follow_links: bool = False,
) -> None:
    """Find faces, align crops and add region boxes, in a data set or in any photographs.

    Args:
        images: name of a data set, or a folder, a zip or a photograph.
        out: folder to write into; aligned/ beside the data set if not given.
        size: side of the crops in pixels.
        workers: processes; all cores if not given.
        points: CSV with five points for each image, used instead of the detector.
        follow_links: follow links that lead outside the folder.
    """
    from twinlib.data.manifest import dataset_root
    from twinlib.faces.faceparts import read_points
    from twinlib.faces.find import find_faces

    root = Path(images) if Path(images).exists() else dataset_root(images)
    five = read_points(Path(points)) if points else None
    folder = Path(out) if out else None
    print(find_faces(root, folder, size, workers, points=five, follow_links=follow_links))


def preprocess(
    source: str,
    out: str,
    size: Count = 112,
    format: Literal["png", "jpg"] = "png",
    workers: Count | None = None,
    points: str | None = None,
    follow_links: bool = False,
) -> None:
    """Write aligned crops as picture files, with their region boxes in crops.csv.

    Args:
        source: a data set, a folder or a zip.
        out: folder to write into.
        size: side of the crops in pixels; 112 for most recognisers, 224 as the AHAN paper has it.
        format: png is exact, jpg smaller.
        workers: processes; all cores if not given.
        points: CSV with five points for each image, used instead of the detector.
        follow_links: follow links that lead outside the folder.
    """
    from twinlib.faces.cropfiles import write_crops
    from twinlib.faces.faceparts import read_points

    five = read_points(Path(points)) if points else None
    table = write_crops(Path(source), Path(out), size, format, workers, five, follow_links)
    counts = ", ".join(f"{count} {status}" for status, count in table["status"].value_counts().items())
    print(f"{(table['crop'] != '').sum()} crops of {size} px in {out} ({counts})")


def split(
    dataset: str,
    validation: Part = 0.15,
    test: Part = 0.15,
    seed: Seed = 0,
    keep: bool = False,
    overwrite: bool = False,
) -> None:
    """Draw the splits of a data set by family and write them into its manifest.csv.

    Args:
        dataset: name or folder of a data set.
        validation: share of the families of each relation.
        test: likewise.
        seed: of the draw.
        keep: leave families that already have a split where they are.
        overwrite: replace existing splits.
    """
    from twinlib.data.audit import counts
    from twinlib.data.manifest import dataset_root, read_manifest
    from twinlib.data.splits import resplit

    root = dataset_root(dataset)
    resplit(root, validation, test, seed, keep, overwrite)
    print(counts(read_manifest(root)).to_string(index=False))


# One line a command; a function imports what is heavy inside itself.
COMMANDS: dict[str, Callable[..., None]] = {
    **data_check.COMMANDS,
    "preprocess": preprocess,
    "landmarks": landmarks,
    "split": split,
    **data_formats.COMMANDS,
}
