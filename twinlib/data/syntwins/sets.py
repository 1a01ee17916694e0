"""The named sets: which families, which cues, which images."""

from dataclasses import replace

from twinlib.data.syntwins.knobs import Families, Knobs, SetConfig, Variation
from twinlib.errors import InputError

STUDY = Knobs(divergence=0.3, asymmetry_cm=0.083, marks=2.0, mark_size=1.5)
"""Cues of the set that the committed small models are trained on: every cause present and visible at 112 px."""

LADDER: dict[str, Knobs] = {
    "study-default": Knobs(divergence=0.3),
    "study-marks": replace(STUDY, divergence=0.0, asymmetry_cm=0.0, own_texture=False),
    "study-asymmetry": replace(STUDY, divergence=0.0, marks=0.0, own_texture=False),
    "study-nothing": Knobs(divergence=0.0, asymmetry_cm=0.0, marks=0.0, own_texture=False),
}
"""The same test families with other causes switched on: weaker cues, one cue alone, none."""

PLAIN = Variation(yaw_sd=10.0, yaw_max=25.0, yaw_uniform=0.5, occluders=(), aged=0.0)
"""Images without occluders and age gaps, heads turned by at most 25 degrees."""

STUDY_FIRST, STUDY_TRAIN, STUDY_VALIDATION = 20_000, 320, 32
"""Numbers of the study's families; the ladder counts on from them, so that its families are the study's."""


def _ladder(name: str, knobs: Knobs) -> SetConfig:
    return SetConfig(
        name=name,
        train=Families(mz=0, dz=0, sibling=0, images=6),
        validation=Families(mz=STUDY_VALIDATION, dz=0, sibling=0, images=6),
        test=Families(mz=100, dz=0, sibling=0, images=6),
        first_family=STUDY_FIRST + STUDY_TRAIN,
        knobs=knobs,
        variation=PLAIN,
    )


SETS: dict[str, SetConfig] = {
    config.name: config
    for config in (
        SetConfig(
            name="smoke",
            train=Families(mz=8, dz=2, sibling=2, images=4),
            validation=Families(mz=4, dz=1, sibling=1, images=4),
            test=Families(mz=8, dz=2, sibling=2, images=4),
            seed=11,
        ),
        SetConfig(
            name="default",
            train=Families(mz=96, dz=8, sibling=8, images=10),
            validation=Families(mz=32, dz=4, sibling=4, images=8),
            test=Families(mz=200, dz=16, sibling=16, images=8),
            seed=20260,
            first_family=1000,
        ),
        SetConfig(
            name="study",
            train=Families(mz=STUDY_TRAIN, dz=0, sibling=0, images=10),
            validation=Families(mz=STUDY_VALIDATION, dz=0, sibling=0, images=6),
            test=Families(mz=200, dz=0, sibling=0, images=6),
            first_family=STUDY_FIRST,
            knobs=STUDY,
            variation=PLAIN,
        ),
        *(_ladder(name, knobs) for name, knobs in LADDER.items()),
    )
}
"""The named sets."""


def find_set(name: str) -> SetConfig:
    """A named set.

    Raises:
        InputError: if there is none of that name; the message lists the known ones.
    """
    if name not in SETS:
        raise InputError(f"no data set is called {name!r}. Known sets: {', '.join(SETS)}.")
    return SETS[name]
