"""Every setting of the project as frozen dataclasses, and the one function that resolves an experiment.

An experiment is a small YAML file of differences in `twinlib/experiments/`; see `load`.
"""

from twinlib.config.experiment import PROFILES, Experiment, Profile, experiments, load
from twinlib.config.losses import (
    LOSSES,
    AdaFace,
    Alignment,
    ArcFace,
    CosFace,
    MagFace,
    NDTwin,
    SphereFace,
    SymFace,
    TopoFR,
    TwinTriplet,
)
from twinlib.config.models import AHAN, FAAM, HCA, Pair, ViT
from twinlib.config.networks import (
    DCAL,
    FPN,
    MODELS,
    IResNet,
    LocalGlobal,
    MobileFaceNet,
    ShuffleFaceNet,
    TransFace,
    TransFG,
    VarGFaceNet,
)
from twinlib.config.training import Data, Evaluate, Train

__all__ = [
    "AHAN",
    "DCAL",
    "FAAM",
    "FPN",
    "HCA",
    "LOSSES",
    "MODELS",
    "PROFILES",
    "AdaFace",
    "Alignment",
    "ArcFace",
    "CosFace",
    "Data",
    "Evaluate",
    "Experiment",
    "IResNet",
    "LocalGlobal",
    "MagFace",
    "MobileFaceNet",
    "NDTwin",
    "Pair",
    "Profile",
    "ShuffleFaceNet",
    "SphereFace",
    "SymFace",
    "TopoFR",
    "Train",
    "TransFG",
    "TransFace",
    "TwinTriplet",
    "VarGFaceNet",
    "ViT",
    "experiments",
    "load",
]
