"""SynTwins: rendered families of identical twins, with every cause of difference known.

Reads downwards: `knobs` (what to make), `identity` and `nuisance` (who and how), `mesh`, `shape`, `hair`, `scene`,
`texture`, `strands`, `raster`, `shading`, `occlude` with `glasses` and `surgical`, `render` (one image), `dataset`.

Importing this package is cheap; numba and OpenCV (extra `twinlib[synth]`) are imported when something is rendered.
Results on these images say nothing about the accuracy on real twins.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from twinlib.data.syntwins.extra import require_renderer
from twinlib.data.syntwins.knobs import PRESETS, Families, Knobs, SetConfig, Variation
from twinlib.data.syntwins.sets import GRID, LADDER, PURPOSES, SETS, find_set

if TYPE_CHECKING:
    from twinlib.data.syntwins.dataset import synthesise
    from twinlib.data.syntwins.identity import Subject, sample_subject
    from twinlib.data.syntwins.nuisance import Nuisance, sample_nuisance
    from twinlib.data.syntwins.render import Rendered, prepare, render_image

_LATER = {
    "synthesise": "dataset",
    "Subject": "identity",
    "sample_subject": "identity",
    "Nuisance": "nuisance",
    "sample_nuisance": "nuisance",
    "Rendered": "render",
    "prepare": "render",
    "render_image": "render",
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
    if _LATER[name] == "render":
        require_renderer()
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
