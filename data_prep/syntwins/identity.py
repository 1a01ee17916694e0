"""Who is drawn: subjects of a family, their shape, colours and marks.

Shared factors come from the family's random streams, individual ones from the member's. A subject is immutable; two
subjects with equal factors render to equal pixels.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from syntwins.knobs import RELATIONS, Knobs
from syntwins.mesh import regions as at
from syntwins.mesh.head import grow
from syntwins.mesh.shape import FIELD_CM, SEMANTIC_SD, random_field, semantic_modes
from syntwins.paint.marks import Marks, sample_marks
from syntwins.paint.palette import Complexion, Palette, any_palette, inherit, sample_complexion
from syntwins.streams import Stream, stream
from twinlib.errors import InputError

OTHER_RELATIONS_DIVERGENCE = 1.0  # siblings and dizygotic twins correlate by 1/2


@dataclass(frozen=True, eq=False)
class Subject:
    """One rendered person.

    Attributes:
        family, member: numbers; member 0 is `a`, 1 is `b`, ...
        relation: what the members of the family are to each other.
        palette, complexion, marks: colours, skin, marks.
        displacement: of the control points from the mean head, cm.
        asymmetry: the antisymmetric part of it at the 468 landmarks, cm.
        semantic: weight of each semantic mode, standard deviations.
    """

    family: int
    member: int
    relation: str
    palette: Palette
    complexion: Complexion
    marks: Marks
    displacement: Float[np.ndarray, "C 3"]
    asymmetry: Float[np.ndarray, "468 3"]
    semantic: dict[str, float]


def sample_subject(
    family: int,
    member: int,
    knobs: Knobs | None = None,
    *,
    seed: int = 0,
    relation: str = "mz",
    palette: Palette | None = None,
) -> Subject:
    """Draw one member of one family.

    Args:
        family: number; with `member` and `seed` it fixes every draw, in whatever order subjects are drawn.
        member: number within the family.
        knobs: what differs between the family's members; `Knobs()` if None.
        seed: the data set's seed.
        relation: "mz" or "single" (`knobs` as they are), "dz" (same sex and age, divergence 1) or "sibling"
            (divergence 1).
        palette: colours of the family; drawn from its stream if None.

    Raises:
        InputError: for a negative number or an unknown relation.
    """
    if min(family, member, seed) < 0:
        raise InputError(f"family, member and seed must not be negative; found {family}, {member}, {seed}.")
    if relation not in RELATIONS:
        raise InputError(f"relation must be one of {', '.join(RELATIONS)}; found {relation!r}.")
    knobs = knobs or Knobs()
    related = relation in ("dz", "sibling")
    if related:
        knobs = replace(knobs, divergence=OTHER_RELATIONS_DIVERGENCE, mirror=False)
    palette = palette or any_palette(stream(seed, Stream.PALETTE, family))
    shared, own = stream(seed, Stream.SKIN, family), stream(seed, Stream.SKIN, family, 1 + member)
    complexion = sample_complexion(shared, own, palette.sex, knobs)
    if related:
        other = sample_complexion(stream(seed, Stream.SKIN, family, 1 + member, 1), own, palette.sex, knobs)
        palette, complexion = inherit(palette, complexion, other, own, relation)
    mirrored = knobs.mirror and member % 2 == 1
    source = member - mirrored  # a mirror twin shares its partner's individual draws of asymmetry and marks
    semantic, symmetric = _shape(seed, family, member, knobs.divergence)
    asymmetry = random_field(stream(seed, Stream.ASYMMETRY, family, source), symmetric=False, power=0.55, modes=24)
    asymmetry = asymmetry * (-knobs.asymmetry_cm if mirrored else knobs.asymmetry_cm)
    return Subject(
        family=family,
        member=member,
        relation=relation,
        palette=palette,
        complexion=complexion,
        marks=sample_marks(stream(seed, Stream.MARKS, family), stream(seed, Stream.MARKS, family, 1 + source), knobs,
                     palette.tone, mirrored),
        displacement=grow(symmetric + asymmetry),
        asymmetry=asymmetry[: at.FACE],
        semantic=semantic,
    )  # fmt: skip


def _shape(seed: int, family: int, member: int, tau: float) -> tuple[dict[str, float], Float[np.ndarray, "K 3"]]:
    """Mode weights and the symmetric displacement: shared and own draws mixed so that the variance stays one."""
    modes = semantic_modes()
    shared, own = stream(seed, Stream.FAMILY, family), stream(seed, Stream.MEMBER, family, member)
    k = 1 / math.sqrt(1 + tau * tau)
    weights = k * (shared.standard_normal(len(modes)) + tau * own.standard_normal(len(modes)))
    field = k * (random_field(shared, symmetric=True) + tau * random_field(own, symmetric=True))
    total = FIELD_CM * field
    for weight, mode in zip(weights, modes.values(), strict=True):
        total = total + SEMANTIC_SD * weight * mode
    return dict(zip(modes, weights.tolist(), strict=True)), total
