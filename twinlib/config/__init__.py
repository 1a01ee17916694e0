"""From YAML to a resolved experiment: a small file of differences in `twinlib/experiments/`; see `load`.

Settings stand beside what they set; here they are all known by their names: `config.AHAN` is `twinlib.ahan.AHAN`.
"""

from twinlib.config import kinds
from twinlib.config.experiment import PROFILES, Experiment, Profile, experiments, load
from twinlib.config.kinds import LOSSES, MODELS, PERTURBATIONS, SAMPLERS, TERMS
from twinlib.config.sections import Data, Evaluate, Train

__all__ = [
    "LOSSES",
    "MODELS",
    "PERTURBATIONS",
    "PROFILES",
    "SAMPLERS",
    "TERMS",
    "Data",
    "Evaluate",
    "Experiment",
    "Profile",
    "Train",
    "experiments",
    "load",
]


def __getattr__(name: str) -> type:
    """The settings of this name."""
    if (found := kinds.settings(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found
