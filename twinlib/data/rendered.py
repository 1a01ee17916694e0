"""The one way to the renderer, the package `syntwins`, whose source lies in `data_prep/syntwins/`.

What draws pictures needs numba and OpenCV and is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from syntwins import PURPOSES, SETS, find_set, synthesise
from syntwins.mesh.head import head
from syntwins.sets.cost import expected_cost
from syntwins.sets.dataset import set_hash
from syntwins.sets.plan import MEMBERS, nuisance_of, plan_families, subject_of

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
