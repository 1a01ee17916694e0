"""SynTwins: rendered families of identical twins, with every cause of difference known.

Reads downwards: `knobs` (what to make), `identity` and `nuisance` (who and how), `mesh/` (the head), `paint/` (its
skin), `cover/` (what lies in front), `draw/` (one image), `sets/` (many images on disk).

Importing this package is cheap; numba and OpenCV (extra `twinlib[synth]`) are imported when something is rendered.
Results on these images say nothing about the accuracy on real twins.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from syntwins.extra import require_renderer
from syntwins.knobs import PRESETS, Families, Knobs, SetConfig, Variation
from syntwins.sets.named import GRID, LADDER, PURPOSES, SETS, find_set

if TYPE_CHECKING:
    from syntwins.draw.render import Rendered, prepare, render_image
    from syntwins.identity import Subject, sample_subject
    from syntwins.nuisance import Nuisance, sample_nuisance
    from syntwins.sets.dataset import synthesise

_LATER = {
    "synthesise": "sets.dataset",
    "Subject": "identity",
    "sample_subject": "identity",
    "Nuisance": "nuisance",
    "sample_nuisance": "nuisance",
    "Rendered": "draw.render",
    "prepare": "draw.render",
    "render_image": "draw.render",
}

__all__ = [
    "GRID",
    "LADDER",
    "PRESETS",
    "PURPOSES",
    "SETS",
    "Families",
    "Knobs",
    "Nuisance",
    "Rendered",
    "SetConfig",
    "Subject",
    "Variation",
    "find_set",
    "prepare",
    "render_image",
    "sample_nuisance",
    "sample_subject",
    "synthesise",
]


def __getattr__(name: str) -> object:
    """Import the heavier names on first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _LATER[name] == "draw.render":
        require_renderer()
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
