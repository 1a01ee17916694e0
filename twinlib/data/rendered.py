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

    from syntwins import Knobs, Subject, render_image, sample_nuisance
    from syntwins.draw.render import Painted
    from syntwins.draw.strips import QUIET
    from syntwins.paint.marks import FRECKLE
    from syntwins.sets.audit import audit_set
    from syntwins.sets.card import croissant
    from syntwins.sets.named import PLAIN, STUDY

__all__ = [
    "FRECKLE",
    "MEMBERS",
    "PLAIN",
    "PURPOSES",
    "QUIET",
    "SETS",
    "STUDY",
    "Knobs",
    "audit_set",
    "croissant",
    "expected_cost",
    "find_set",
    "frontal_twins",
    "head",
    "nuisance_of",
    "page_set",
    "painted",
    "plan_families",
    "render_image",
    "sample_nuisance",
    "set_hash",
    "somebody",
    "subject_of",
    "synthesise",
]
NOBODY = 990_000  # number of a family that no set has
_LATER = {
    "Knobs": "syntwins",
    "render_image": "syntwins",
    "sample_nuisance": "syntwins",
    "audit_set": "syntwins.sets.audit",
    "croissant": "syntwins.sets.card",
    "FRECKLE": "syntwins.paint.marks",
    "PLAIN": "syntwins.sets.named",
    "STUDY": "syntwins.sets.named",
    "QUIET": "syntwins.draw.strips",
}


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


def somebody(
    member: int,
    family: int = NOBODY,
    bins: tuple[str, str, str] = ("female", "medium", "young"),
    knobs: "Knobs | None" = None,
) -> "Subject":
    """A person whom no set knows, so that nobody trains or tests on them.

    Args:
        member: 0 or 1, the twins of the family.
        family: its number, from `NOBODY` on.
        bins: sex, skin tone and age, as the renderer names them.
        knobs: what differs between the twins; the set `study`'s if None.
    """
    from syntwins.identity import sample_subject
    from syntwins.paint.palette import sample_palette
    from syntwins.streams import Stream, stream

    palette = sample_palette(stream(0, Stream.PALETTE, family), *bins)
    return sample_subject(family, member, knobs or SETS["study"].knobs, seed=0, palette=palette)


def painted(subject: "Subject", size: int = 160) -> "Painted":
    """A person with the texture painted once; `render_image` takes it in place of the person."""
    from syntwins import prepare as paint

    return paint(subject, size)


def page_set(profile: str) -> str:
    """The set whose faces the pages show: small, like the one that the networks of the profile learn on.

    Args:
        profile: smoke, cpu or full.
    """
    return "smoke" if profile == "smoke" else "pages"


def frontal_twins(size: int = 224) -> "list[UInt8[np.ndarray, 'S S 3']]":
    """Both twins of a family of no set from the front, in the same light, with the cues of the set `study`.

    Args:
        size: side of a picture, px.
    """
    from syntwins import render_image
    from syntwins.draw.strips import QUIET

    return [render_image(somebody(member, NOBODY), QUIET, size).pixels for member in (0, 1)]
