"""A data set ready for use: manifest and detector output, made on the spot where that is possible."""

from twinlib.data.faces import Faces, find_faces, read_faces
from twinlib.data.manifest import Manifest, dataset_root, read_manifest
from twinlib.errors import InputError


def prepare(name: str, size: int = 112) -> tuple[Manifest, Faces]:
    """Manifest and aligned faces of a data set.

    A named synthetic set that is not there is rendered first, and faces that were not looked for are; both show
    progress and are kept.

    Args:
        name: a named synthetic set, or the folder of any data set.
        size: side of the aligned crops, px.

    Raises:
        InputError: if the data set is neither there nor a named synthetic set, or its faces were aligned to another
            size than wanted.
    """
    root = dataset_root(name)
    if not (root / "manifest.csv").is_file():
        from twinlib.data.syntwins import synthesise

        synthesise(name, root)
    manifest = read_manifest(root)
    folder = root / ("aligned" if size == 112 else f"aligned-{size}")
    if not (folder / "faces.json").is_file():
        find_faces(root, folder, size=size)
    faces = read_faces(root if folder.name == "aligned" else folder)
    if (found := faces.crops.shape[1]) != size:
        raise InputError(
            f"{folder} holds crops of {found} px, wanted {size}. Run `twinlib landmarks {name} --size {size}`."
        )
    return manifest, faces
