"""Pictures that show the generator itself: every knob and every nuisance from one end to the other, and relatives."""

from dataclasses import replace

import numpy as np
from jaxtyping import UInt8

from syntwins.draw.render import prepare, render_image
from syntwins.identity import Subject, sample_subject
from syntwins.knobs import Knobs
from syntwins.nuisance import Nuisance
from syntwins.paint.palette import sample_palette
from syntwins.streams import Stream, stream

Sheet = tuple[list[UInt8[np.ndarray, "S S 3"]], list[str]]

QUIET = Nuisance(noise=0.002, jpeg=95, amounts={"blink": 0.12})
SAME = Knobs(divergence=0.0, asymmetry_cm=0.0, marks=0.0, own_texture=False)

NUISANCES: dict[str, tuple[dict[str, object], ...]] = {
    "yaw −75 to 75°": tuple({"yaw": v} for v in (-75.0, -40.0, 0.0, 40.0, 75.0)),
    "pitch −15 to 15°": tuple({"pitch": v} for v in (-15.0, -7.0, 0.0, 7.0, 15.0)),
    "roll −15 to 15°": tuple({"roll": v} for v in (-15.0, -7.0, 0.0, 7.0, 15.0)),
    "light from −90 to 90°": tuple({"light_azimuth": v} for v in (-90.0, -45.0, 0.0, 45.0, 90.0)),
    "light −30 to 80° up": tuple({"light_elevation": v} for v in (-30.0, 0.0, 25.0, 50.0, 80.0)),
    "colour of the light": tuple({"warmth": v} for v in (-0.3, -0.15, 0.0, 0.15, 0.3)),
    "camera 70 to 130 cm": tuple({"distance": v} for v in (70.0, 85.0, 100.0, 115.0, 130.0)),
    "0 to 12 years": tuple({"age_gap": v} for v in (0.0, 3.0, 6.0, 9.0, 12.0)),
    "expression": (
        {"amounts": {"blink": 0.12, "smile": 1.3, "squint": 0.6, "jaw": 0.45}},
        {"amounts": {"blink": 0.12, "jaw": 0.8, "brow_up": 1.0}},
        {"amounts": {"blink": 0.12, "sad": 1.0, "frown": 1.0}},
        {"amounts": {"blink": 0.12, "pucker": 0.9}},
        {"amounts": {"blink": 0.9}},
    ),
    "cover": tuple({"occluder": kind} for kind in ("glasses", "sunglasses", "mask"))
    + tuple({"occluder": "patch", "occluded": v, "seed": 3} for v in (0.3, 0.6)),
    "blur, noise, JPEG": (
        {"blur": 1.5},
        {"blur": 3.0},
        {"noise": 0.015},
        {"noise": 0.06},
        {"jpeg": 20},
    ),
}
"""Five settings of each nuisance, from end to end of what a set may ask for, and past what the named sets do."""

KNOBS: dict[str, tuple[dict[str, object], ...]] = {
    "divergence 0 to 2": tuple({"divergence": v} for v in (0.0, 0.3, 0.62, 1.0, 2.0)),
    "asymmetry 0 to 0.22 cm": tuple({"asymmetry_cm": v} for v in (0.0, 0.055, 0.083, 0.11, 0.22)),
    "marks 0 to 6": tuple({"marks": v, "mark_size": 2.0} for v in (0.0, 1.0, 2.0, 4.0, 6.0)),
    "mark size 0.5 to 4": tuple({"marks": 3.0, "mark_size": v} for v in (0.5, 1.0, 1.5, 2.5, 4.0)),
    "own skin texture off, on": tuple({"own_texture": v} for v in (False, False, True, True, True)),
    "mirror twins, asymmetry 0 to 0.22 cm": tuple(
        {"mirror": True, "marks": 3.0, "mark_size": 2.0, "asymmetry_cm": v} for v in (0.0, 0.055, 0.083, 0.11, 0.22)
    ),
}
"""Five settings of each cause of difference between twins, all others off."""


def nuisance_strips(subject: Subject, size: int) -> Sheet:
    """One subject under every nuisance: a row of five images each.

    Args:
        subject: who.
        size: side of an image, px.

    Returns:
        The images row by row, and the names of the rows.
    """
    painted = prepare(subject, size)
    images = [
        render_image(painted, replace(QUIET, **change), size).pixels for row in NUISANCES.values() for change in row
    ]
    return images, list(NUISANCES)


def knob_strips(family: int, size: int, seed: int = 0) -> Sheet:
    """The twins of one family under every knob: two rows of five images each, first twin and second twin.

    Args:
        family: number of the family.
        size: side of an image, px.
        seed: of everything random about the family.
    """
    images, rows = [], []
    for name, row in KNOBS.items():
        for member, label in enumerate((name, "its twin")):
            subjects = [sample_subject(family, member, replace(SAME, **change), seed=seed) for change in row]
            images += [render_image(subject, QUIET, size).pixels for subject in subjects]
            rows.append(label)
    return images, rows


def family_portrait(size: int, seed: int = 0, knobs: Knobs | None = None) -> Sheet:
    """Relatives side by side: identical twins, fraternal twins, siblings, strangers of one palette, plain strangers.

    Args:
        size: side of an image, px.
        seed: of everything random; all but the plain strangers share one palette.
        knobs: what differs between the identical twins; `Knobs()` if None.

    Returns:
        A row of four images each: both people from the front and from the side.
    """
    palette = sample_palette(stream(seed, Stream.PALETTE, 0), "female", "medium", "young")
    draw = lambda family, member, relation, own=palette: sample_subject(  # noqa: E731
        family, member, knobs, seed=seed, relation=relation, palette=own
    )
    pairs = {
        "identical twins": [draw(1, 0, "mz"), draw(1, 1, "mz")],
        "fraternal twins": [draw(2, 0, "dz"), draw(2, 1, "dz")],
        "siblings": [draw(3, 0, "sibling"), draw(3, 1, "sibling")],
        "strangers, one palette": [draw(4, 0, "mz"), draw(5, 0, "mz")],
        "strangers": [draw(6, 0, "mz", None), draw(7, 0, "mz", None)],
    }
    shots = (QUIET, replace(QUIET, yaw=28.0, light_azimuth=-25.0))
    painted = [[prepare(subject, size) for subject in people] for people in pairs.values()]
    return [render_image(one, shot, size).pixels for people in painted for shot in shots for one in people], list(pairs)
