"""The one way to the renderer, the package `syntwins` of `data_prep/syntwins/`, and a data set ready for use.

What draws pictures needs numba and OpenCV and is imported when needed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from syntwins import PURPOSES, SETS, find_set, synthesise
from syntwins.mesh.head import head
from syntwins.sets.cost import expected_cost
from syntwins.sets.dataset import set_hash
from syntwins.sets.plan import MEMBERS, nuisance_of, plan_families, subject_of
from twinlib.data.manifest import Manifest, dataset_root, read_manifest
from twinlib.faces.find import Faces, find_faces, read_faces

if TYPE_CHECKING:
    from syntwins import render_image
    from syntwins.sets.audit import audit_set
    from syntwins.sets.card import croissant

__all__ = [
    "MEMBERS",
    "PURPOSES",
    "SETS",
    "audit_set",
    "croissant",
    "expected_cost",
    "find_set",
    "head",
    "nuisance_of",
    "plan_families",
    "render_image",
    "set_hash",
    "subject_of",
    "synthesise",
]
_LATER = {"render_image": "syntwins", "audit_set": "syntwins.sets.audit", "croissant": "syntwins.sets.card"}


def __getattr__(name: str) -> object:
    """The heavier names, imported on first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


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
        synthesise(name, root)  # returns at once if the set is there and is what the name means
    folder = root / ("aligned" if size == 112 else f"aligned-{size}")
    find_faces(root, folder, size=size)  # likewise
    manifest = read_manifest(root)
    return manifest, read_faces(root if folder.name == "aligned" else folder)
