"""The named sets: which families, which cues, which images."""

from dataclasses import replace
from itertools import product

from syntwins.knobs import PRESETS, Families, Knobs, SetConfig, Variation
from twinlib.errors import InputError

STUDY = Knobs(divergence=0.3, asymmetry_cm=0.083, marks=3.0, mark_size=2.0)
"""Cues of the set that the committed small models are trained on: every cause present and visible at 112 px."""

LADDER: dict[str, Knobs] = {
    "study-default": Knobs(divergence=0.3),
    "study-marks": replace(STUDY, divergence=0.0, asymmetry_cm=0.0, own_texture=False),
    "study-asymmetry": replace(STUDY, divergence=0.0, marks=0.0, own_texture=False),
    "study-nothing": Knobs(divergence=0.0, asymmetry_cm=0.0, marks=0.0, own_texture=False),
}
"""The same test families with other causes switched on: weaker cues, one cue alone, none."""

_NOTHING = LADDER["study-nothing"]
_ASYMMETRY = replace(_NOTHING, asymmetry_cm=0.11)
_NOBODY = Families(mz=0, dz=0, sibling=0, images=1)
_CAUSES = {
    "asymmetry": {"asymmetry_cm": STUDY.asymmetry_cm},
    "marks": {"marks": STUDY.marks, "mark_size": STUDY.mark_size},
    "divergence": {"divergence": STUDY.divergence},
}


def _grid() -> dict[str, Knobs]:
    """Every subset of the three causes; where the ladder has it already, its name and knobs."""
    cells = {}
    for chosen in product((False, True), repeat=len(_CAUSES)):
        names = [name for name, on in zip(_CAUSES, chosen, strict=True) if on]
        changes = {field: value for name in names for field, value in _CAUSES[name].items()}
        cell = "study-" + ("-".join(names) if names else "nothing")
        cells[cell] = LADDER.get(cell) or replace(_NOTHING, **changes)
    return cells


GRID: dict[str, Knobs] = _grid()
"""The mechanism grid: asymmetry, marks and divergence each off or at the study's strength, texture always shared."""

PLAIN = Variation(yaw_sd=10.0, yaw_max=25.0, yaw_uniform=0.5, occluders=(), aged=0.0)
"""Images without occluders and age gaps, heads turned by at most 25 degrees."""

WIDE = Variation(
    yaw_sd=30.0,
    yaw_max=75.0,
    yaw_uniform=1.0,
    occluders=(("glasses", 0.1), ("sunglasses", 0.1), ("mask", 0.15), ("patch", 0.25)),
    patch=(0.0, 0.6),
    aged=0.7,
)
"""Images past the limits of any photograph in a passport: every head turn to 75 degrees, up to 60 % covered."""

STUDY_FIRST, STUDY_TRAIN, STUDY_VALIDATION = 20_000, 320, 32
"""Numbers of the study's families; the ladder counts on from them."""


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


MAIN_FIRST, MAIN_HELD = 200_000, 200_000 + 640 + 112 + 112
MAIN_TRAIN = Families(mz=640, dz=0, sibling=112, images=8, single=112)
"""The study's second version: more families of each kind, none of which was in a set before."""


def _main(
    name: str, knobs: Knobs, train: Families, test: int, first: int = MAIN_HELD, held: int = 6, validation: int = 64
) -> SetConfig:
    """A set of the study's second version; a rung has the first of its test families."""
    return SetConfig(
        name=name,
        train=train,
        validation=Families(mz=validation, dz=0, sibling=0, images=held),
        test=Families(mz=test, dz=0, sibling=0, images=4),  # twelve genuine pairs a family
        first_family=first,
        knobs=knobs,
        variation=PLAIN,
    )


def _held_out(
    name: str, first: int, test: Families, knobs: Knobs, variation: Variation | None = None, members: int = 2
) -> SetConfig:
    """A set without training families, to test on."""
    return SetConfig(
        name=name,
        train=_NOBODY,
        validation=_NOBODY,
        test=test,
        first_family=first,
        knobs=knobs,
        variation=variation or Variation(),
        members=members,
    )


BARE = Variation(yaw_max=25.0, occluders=())
"""Images that the calibration of twins refers to: nothing in front of the face, heads turned by at most 25 degrees."""

AUDIT_FIRST = 300_000
_AUDIT_RUNGS = Families(mz=60, dz=0, sibling=0, images=4)
AUDIT: dict[str, tuple[Families, Knobs, Variation]] = {
    "audit": (Families(mz=540, dz=0, sibling=80, images=4, single=80), PRESETS["calibrated"], BARE),
    "audit-nothing": (_AUDIT_RUNGS, _NOTHING, BARE),
    "audit-texture": (_AUDIT_RUNGS, replace(_NOTHING, own_texture=True), BARE),
    "audit-marks": (_AUDIT_RUNGS, replace(_NOTHING, marks=1.0), BARE),
    "audit-asymmetry": (_AUDIT_RUNGS, replace(_NOTHING, asymmetry_cm=0.055), BARE),
    "audit-shape": (_AUDIT_RUNGS, replace(_NOTHING, divergence=0.62), BARE),
    "audit-wide": (Families(mz=100, dz=0, sibling=0, images=6), PRESETS["calibrated"], Variation()),
}
"""What a recogniser is audited on: all kinds of families; the first of its twins with one cause of `calibrated` at a
time; the first of its twins covered and turned further."""

_RELATIVES = Families(mz=120, dz=20, sibling=20, images=4)
_CALIBRATED = PRESETS["calibrated"]

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
        *(_ladder(name, knobs) for name, knobs in (LADDER | GRID).items()),
        _ladder("study-mirror", replace(STUDY, mirror=True)),
        SetConfig(
            name="asymmetry",
            train=Families(mz=STUDY_TRAIN, dz=0, sibling=0, images=10),
            validation=Families(mz=STUDY_VALIDATION, dz=0, sibling=0, images=6),
            test=Families(mz=100, dz=0, sibling=0, images=6),
            first_family=STUDY_FIRST,
            knobs=_ASYMMETRY,
            variation=PLAIN,
        ),
        _main("study2", STUDY, MAIN_TRAIN, test=800, first=MAIN_FIRST),
        *(_main(name.replace("study", "study2"), knobs, _NOBODY, test=160, held=4) for name, knobs in LADDER.items()),
        _main("asymmetry2", _ASYMMETRY, Families(mz=320, dz=0, sibling=0, images=8), test=240, first=220_000, held=4),
        _main("pages", STUDY, Families(mz=40, dz=0, sibling=4, images=8, single=4), 60, first=250_000, validation=24),
        SetConfig(
            name="strangers",
            train=Families(mz=800, dz=0, sibling=0, images=6),
            validation=Families(mz=32, dz=0, sibling=0, images=6),
            test=_NOBODY,
            first_family=240_000,
            knobs=STUDY,
            variation=PLAIN,
        ),
        *(_held_out(f"preset-{name}", 40_000, _RELATIVES, knobs) for name, knobs in PRESETS.items()),
        _held_out("null", 41_000, Families(mz=100, dz=0, sibling=0, images=6), _NOTHING, PLAIN),
        _held_out("triplets", 42_000, Families(mz=60, dz=0, sibling=0, images=6), _CALIBRATED, members=3),
        _held_out("extremes", 43_000, Families(mz=60, dz=0, sibling=0, images=10), _CALIBRATED, WIDE),
        *(_held_out(name, AUDIT_FIRST, test, knobs, seen) for name, (test, knobs, seen) in AUDIT.items()),
        SetConfig(
            name="large",
            train=Families(mz=1000, dz=50, sibling=50, images=16, single=350),
            validation=Families(mz=64, dz=8, sibling=8, images=16),
            test=Families(mz=200, dz=16, sibling=16, images=16),
            first_family=100_000,
        ),
    )
}
"""The named sets. A family number that two of them share is in the same split of both, and of the same seed."""

PURPOSES: dict[str, str] = {
    "smoke": "tests and the smoke profile: everything once, in half a minute",
    "default": "bare images as hard for a recogniser of real faces as real twins are; also fraternal twins, siblings",
    "study": "training of the committed small models: every cause on, cues of more than half a pixel at 112 px",
    "study-default": "the study's held-out families with the cues of the preset hard",
    "study-nothing": "the same families, no cue at all: any model must be at chance",
    "study-marks": "the same families, marks alone",
    "study-asymmetry": "the same families, asymmetry alone",
    "study-divergence": "the same families, another shape alone",
    "study-asymmetry-marks": "the same families, asymmetry and marks",
    "study-asymmetry-divergence": "the same families, asymmetry and another shape",
    "study-marks-divergence": "the same families, marks and another shape",
    "study-asymmetry-marks-divergence": "the same families, all three causes, skin texture shared",
    "study-mirror": "the same families, the second twin's asymmetry and marks mirrored",
    "asymmetry": "training on asymmetry alone",
    "study2": "the study: twins, siblings and single people to train on, 800 fresh families of twins to test on",
    "study2-default": "160 of its test families and its validation families with the cues of the preset hard",
    "study2-nothing": "the same families, no cue at all: any model must be at chance",
    "study2-marks": "the same families, marks alone",
    "study2-asymmetry": "the same families, asymmetry alone",
    "asymmetry2": "the study on asymmetry alone: other families to train and to test on",
    "pages": "a small set like study2: the faces that the report shows",
    "strangers": "people whom no other set knows: the trunk of the study learns on them",
    "preset-hard": "160 families to test on, twins of the preset hard",
    "preset-calibrated": "the same families, twins of the preset calibrated",
    "preset-easy": "the same families, twins of the preset easy",
    "null": "100 more families without any cue: with study-nothing the control of every probe",
    "triplets": "three identical siblings a family",
    "extremes": "head turns to 75 degrees, up to 60 % of the face covered, up to twelve years",
    "audit": "what `twinlib audit` asks any recogniser: twins, siblings and single people whom no other set knows",
    "audit-nothing": "60 of its families of twins without any cue: nobody can tell them apart",
    "audit-texture": "the same families, skin texture alone",
    "audit-marks": "the same families, marks alone",
    "audit-asymmetry": "the same families, asymmetry alone",
    "audit-shape": "the same families, another shape alone",
    "audit-wide": "100 of its families of twins, covered, older, and turned by up to 35 degrees",
    "large": "for profile full: a thousand training families and 350 single people, sixteen images each",
}
"""What each named set is for."""


def find_set(name: str) -> SetConfig:
    """A named set.

    Raises:
        InputError: if there is none of that name; the message lists the known ones.
    """
    if name not in SETS:
        raise InputError(f"no data set is called {name!r}. Known sets: {', '.join(SETS)}.")
    return SETS[name]
