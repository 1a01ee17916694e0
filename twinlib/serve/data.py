"""Look at a data set of your own, prepare and split it."""

from collections.abc import Callable
from pathlib import Path

from twinlib.serve import data_formats


def landmarks(images: str, out: str | None = None, size: int = 112, workers: int | None = None) -> None:
    """Find faces, align crops and lay region boxes, in a data set or in any photographs.

    Args:
        images: name of a data set, or a folder, a zip or a photograph.
        out: folder to write into; aligned/ beside the data set if not given.
        size: side of the crops in pixels.
        workers: processes; all cores if not given.
    """
    from twinlib.data.faces import find_faces
    from twinlib.data.manifest import dataset_root

    root = Path(images) if Path(images).exists() else dataset_root(images)
    print(find_faces(root, Path(out) if out else None, size=size, workers=workers))


# One line a command; a function imports what is heavy inside itself.
COMMANDS: dict[str, Callable[..., None]] = {
    "landmarks": landmarks,
    **data_formats.COMMANDS,
}
