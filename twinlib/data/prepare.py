"""A data set ready for use: manifest and detector output, made on the spot where that is possible."""

from twinlib.data.manifest import Manifest, dataset_root, read_manifest
from twinlib.data.rendered import SETS, synthesise
from twinlib.faces.find import Faces, find_faces, read_faces


def prepare(name: str, size: int = 112) -> tuple[Manifest, Faces]:
    """Manifest and aligned faces of a data set.

    A named synthetic set that is not there is rendered first, and faces that were not looked for are; both show
    progress and are kept.

    Args:
        name: a named synthetic set, or the folder of any data set.
        size: side of the aligned crops, px.

    Raises:
        InputError: if the data set is neither there nor a named synthetic set.
    """
    root = dataset_root(name)
    if name in SETS or not (root / "manifest.csv").is_file():
        synthesise(name, root)  # returns at once if the set is there and is what the name stands for
    folder = root / ("aligned" if size == 112 else f"aligned-{size}")
    find_faces(root, folder, size=size)  # likewise
    manifest = read_manifest(root)
    return manifest, read_faces(root if folder.name == "aligned" else folder)
