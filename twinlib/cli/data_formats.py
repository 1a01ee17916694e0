"""Import and export data: ND_TWIN folders, LFW lists, tidy CSV, insightface `.bin`."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from twinlib.ranges import Count, Part, Seed


def import_data(
    source: str,
    pairs: str | None = None,
    out: str | None = None,
    format: Literal["auto", "ndtwin", "pairs", "bin", "npz", "rec"] = "auto",
    trust: bool = False,
    folds: Count = 10,
    relation: str = "mz",
    validation: Part = 0.15,
    test: Part = 0.15,
    seed: Seed = 0,
    overwrite: bool = False,
    follow_links: bool = False,
) -> None:
    """Make a data set from your own images: copied unchanged, with a manifest and a pair list.

    Args:
        source: folder, zip, .bin, .npz, or .rec with its .idx.
        pairs: pairs.txt, a table of pairs, or a list of twins (JSON or a table); not needed if the source has one.
        out: folder to create; build/data/NAME if not given.
        format: layout of the source.
        trust: read a .bin even though it is a pickle.
        folds: equal blocks of consecutive pairs of a .bin or .npz.
        relation: of twins whose list does not say it: mz (or identical), dz (fraternal), sibling.
        validation: share of the families without a split.
        test: share of the families without a split.
        seed: of that draw.
        overwrite: replace an existing data set.
        follow_links: follow links that lead outside the folder, and copy what is there.
    """
    from twinlib import paths
    from twinlib.data.importing import import_set
    from twinlib.data.readers import Source, read

    given = Source(Path(source), Path(pairs) if pairs else None, trust, folds, relation, follow_links)
    target = Path(out) if out else paths.data_dir() / given.path.stem
    print(import_set(read(given, format), target, validation, test, seed, overwrite))


def export_data(dataset: str, out: str) -> None:
    """Write a data set as a folder for each subject and pairs.json.

    Args:
        dataset: name or folder of a data set.
        out: folder to create.
    """
    from twinlib.data.importing import export_folders
    from twinlib.data.manifest import dataset_root, read_manifest

    print(f"{out}: {export_folders(read_manifest(dataset_root(dataset)), Path(out))} images")


def pack(images: str, pairs: str, out: str, follow_links: bool = False) -> None:
    """Write an insightface .bin (or an .npz) of images and pairs.

    Args:
        images: folder, zip or data set.
        pairs: pairs.txt or a .csv of pairs.
        out: .bin or .npz to write.
        follow_links: follow links that lead outside the folder.
    """
    from twinlib.data.importing import packable
    from twinlib.data.readers import Source, read

    write = _writer(out)
    write(*packable(read(Source(Path(images), Path(pairs), follow_links=follow_links), "pairs")))


def convert(source: str, out: str, trust: bool = False) -> None:
    """Turn a .bin into an .npz, which needs no trust, or the other way round; or a .rec into a folder for each person.

    Args:
        source: .bin, .npz, or .rec with its .idx.
        out: .npz or .bin to write; for a .rec, a folder to create.
        trust: read a .bin even though it is a pickle.
    """
    from twinlib.data.importing import write_folders
    from twinlib.data.readers import Source, read, read_bin, read_npz
    from twinlib.errors import InputError

    path, kind = Path(source), Path(source).suffix.lower()
    if kind == ".rec":
        print(f"{out}: {write_folders(read(Source(path)), Path(out))} images")
        return
    write = _writer(out)
    if kind not in (".bin", ".npz"):
        raise InputError(f"{path}: wanted a .bin, a .npz or a .rec.")
    write(*(read_npz(path) if kind == ".npz" else read_bin(path, trust)))


def _writer(out: str) -> Callable[[list[bytes], list[bool]], None]:
    """The function that writes this kind of file; other kinds are refused before any work."""
    from twinlib.data.readers import write_bin, write_npz
    from twinlib.errors import InputError

    writers, path = {".bin": write_bin, ".npz": write_npz}, Path(out)
    if path.suffix not in writers:
        raise InputError(f"{out}: the name must end in {' or '.join(writers)}.")

    def write(images: list[bytes], same: list[bool]) -> None:
        writers[path.suffix](path, images, same)
        print(f"{out}: {len(same)} pairs, {sum(same)} genuine, {len(set(images))} different images")

    return write


COMMANDS: dict[str, Callable[..., None]] = {
    "import": import_data,
    "export": export_data,
    "pack": pack,
    "convert": convert,
}
