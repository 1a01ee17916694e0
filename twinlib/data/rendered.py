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
    import numpy as np
    from jaxtyping import UInt8

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
    "frontal_twins",
    "head",
    "nuisance_of",
    "plan_families",
    "render_image",
    "set_hash",
    "subject_of",
    "synthesise",
]
NOBODY = 990_000  # number of a family that no set has
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


def frontal_twins(size: int = 224, family: int = NOBODY) -> "list[UInt8[np.ndarray, 'S S 3']]":
    """Both twins of a family from the front, in the same light, with the cues of the set `study`.

    Args:
        size: side of a picture, px.
        family: number of the family; of no set if not given, so that nobody trains or tests on these people.
    """
    from syntwins import render_image
    from syntwins.draw.strips import QUIET
    from syntwins.identity import sample_subject
    from syntwins.paint.palette import sample_palette
    from syntwins.streams import Stream, stream

    palette = sample_palette(stream(0, Stream.PALETTE, family), "female", "medium", "young")
    people = [sample_subject(family, i, SETS["study"].knobs, seed=0, palette=palette) for i in (0, 1)]
    return [render_image(one, QUIET, size).pixels for one in people]
