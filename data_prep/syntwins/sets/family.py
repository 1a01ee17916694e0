"""Renders one family to disk: its images, its rows of the manifest, its share of the truth."""

import json
from pathlib import Path

import numpy as np

from syntwins.draw.render import Rendered, prepare, render_image
from syntwins.identity import Subject
from syntwins.knobs import SetConfig
from syntwins.mesh.regions import FACE
from syntwins.mesh.shape import EXPRESSIONS
from syntwins.nuisance import Nuisance
from syntwins.sets.plan import MEMBERS, FamilyPlan, nuisance_of, subject_of
from twinlib.files import replacing

FACTORS = (
    "yaw",
    "pitch",
    "roll",
    "light_azimuth",
    "light_elevation",
    "light",
    "ambient",
    "warmth",
    "age_gap",
    "occluded",
    "blur",
    "noise",
    "jpeg",
    "exposure",
    "distance",
    "hair_volume",
)
COLUMNS = ("image", "path", "subject", "family", "split", "relation", "sex", "tone_bin", "age_bin", "palette")
COLUMNS += (*FACTORS, "occluder", "expression")


def number(value: int | float) -> str:
    """A factor as text: six decimals, no negative zero, whole numbers without a point."""
    return str(value) if isinstance(value, int) else f"{round(value, 6) + 0.0:.6f}"


def manifest_row(plan: FamilyPlan, subject: Subject, image: int, nuisance: Nuisance) -> list[str]:
    """One row of `manifest.csv`, in the order of `COLUMNS`. Drawn factors only: equal on every machine."""
    name = f"{plan.name}-{MEMBERS[subject.member]}"
    who = [f"{name}-{image:02d}", f"images/{name}/{image:02d}.jpg", name, plan.name, plan.split, plan.relation]
    palette = subject.palette
    bins = [palette.sex, palette.tone_bin, palette.age_bin, f"p{plan.palette:04d}"]
    factors = [number(getattr(nuisance, factor)) for factor in FACTORS]
    return [*who, *bins, *factors, nuisance.occluder, nuisance.expression]


def image_truth(nuisance: Nuisance, rendered: Rendered) -> dict[str, np.ndarray]:
    """Arrays kept per image."""
    return {
        "landmarks": rendered.landmarks,
        "visible": rendered.visible,
        "occluded": np.float32(rendered.occluded),
        "expression_amounts": np.array([nuisance.amounts.get(name, 0.0) for name in EXPRESSIONS], np.float32),
        "gaze": np.array(nuisance.gaze, np.float32),
    }


def subject_truth(subject: Subject) -> dict[str, np.ndarray]:
    """Arrays kept per subject."""
    return {
        "shape": subject.displacement[:FACE].astype(
            np.float32
        ),  # from the mean head, cm; drawn eyes are never too wide
        "asymmetry": subject.asymmetry.astype(np.float32),
        "semantic": np.array(list(subject.semantic.values()), np.float32),
        "years": np.float32(subject.palette.years),
        "tone": np.float32(subject.palette.tone),
        "marks": np.int32(len(subject.marks.kind)),
    }


def mark_truth(subject: Subject) -> dict[str, np.ndarray]:
    """Arrays kept per mark."""
    marks = subject.marks
    return {
        "mark_kind": marks.kind.astype(np.int8),
        "mark_uv": marks.uv.astype(np.float32),
        "mark_sigma_cm": marks.sigma.astype(np.float32),
        "mark_contrast": marks.contrast.astype(np.float32),
    }


def render_family(config: SetConfig, folder: Path, part: Path, plan: FamilyPlan) -> int:
    """Render one family's images below `folder` and, last of all, write its rows and truth to `part`.

    Returns:
        The number of images.
    """
    rows, images, subjects, marks, seen = [], [], [], [], []
    for member in range(plan.members):
        subject = subject_of(config, plan, member)
        painted = prepare(subject, config.size)
        subjects.append(subject_truth(subject))
        marks.append(mark_truth(subject))
        for image in range(plan.images):
            nuisance = nuisance_of(config, plan, member, image)
            rendered = render_image(painted, nuisance, config.size)
            row = manifest_row(plan, subject, image, nuisance)
            path = folder / row[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(rendered.jpeg)
            rows.append(row)
            images.append(image_truth(nuisance, rendered))
            seen.append({"mark_xy": rendered.marks, "mark_visible": rendered.marks_visible})
    arrays = {f"image/{key}": np.stack([entry[key] for entry in images]) for key in images[0]}
    arrays |= {f"subject/{key}": np.stack([entry[key] for entry in subjects]) for key in subjects[0]}
    arrays |= {f"mark/{key}": np.concatenate([entry[key] for entry in marks]) for key in marks[0]}
    arrays |= {f"seen/{key}": np.concatenate([entry[key] for entry in seen]) for key in seen[0]}
    with replacing(part) as temporary:
        np.savez(temporary, rows=np.array(json.dumps(rows)), **arrays)
    return len(rows)
