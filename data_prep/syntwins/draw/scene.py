"""One subject in one pose and expression: all meshes in world coordinates."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial import cKDTree

from syntwins.identity import Subject
from syntwins.mesh import parts
from syntwins.mesh import regions as at
from syntwins.mesh.camera import PIVOT, rotation, turn
from syntwins.mesh.hair import CURTAIN_LENGTH, curtain, shell
from syntwins.mesh.head import CURTAIN, EAR, MOUTH, SKIN, TEETH, grow, head
from syntwins.mesh.shape import expressions
from syntwins.nuisance import Nuisance

SKIN_POINT = (0.5, 0.3)  # texture position used where there is none
NEAR = 16  # triangles around a texture position that may hold it
WIDEST_CM = 0.95  # of the lids, at the control points; about 1.05 cm as drawn. Wider eyes show white above the iris


@dataclass(frozen=True, eq=False)
class Scene:
    """Triangles and vertices of one image.

    Attributes:
        points: world, cm. faces, material: per triangle. two_sided: drawn from both sides.
        uv, ambient: per vertex.
        casters: triangles before this number cast shadows (all but the neck).
        rotation: head to world.
        head_points: vertices of the head before hair and before turning, in the head's frame, cm.
    """

    points: Float[np.ndarray, "V 3"]
    faces: Int[np.ndarray, "T 3"]
    material: Int[np.ndarray, " T"]
    two_sided: Bool[np.ndarray, " T"]
    uv: Float[np.ndarray, "V 2"]
    ambient: Float[np.ndarray, " V"]
    casters: int
    rotation: Float[np.ndarray, "3 3"]
    head_points: Float[np.ndarray, "H 3"]


@dataclass(frozen=True, eq=False)
class _Topology:
    """Triangles of head and parts joined, for one choice of parts."""

    faces: Int[np.ndarray, "T 3"]
    material: Int[np.ndarray, " T"]
    two_sided: Bool[np.ndarray, " T"]
    casters: int


@lru_cache(4)
def _topology(teeth: bool, curtain_: bool) -> _Topology:
    """Join the triangles in the order in which `build` stacks the vertices."""
    mean_head = head()
    meshes = [(len(mean_head.mean), mean_head.faces, mean_head.material)]
    pieces = [parts.eyeball(), parts.eyeball()] + [parts.teeth()] * teeth + [parts.ear()]
    meshes += [(len(p.points), p.faces, p.material) for p in pieces]
    ear = parts.ear()
    meshes.append((len(ear.points), ear.faces[:, ::-1], ear.material))  # the mirrored ear turns inside out
    if curtain_:
        grid, part = parts.curtain_grid()
        meshes.append((len(grid), part.faces, part.material))
    neck = parts.neck()
    casters = sum(len(faces) for _, faces, _ in meshes)
    meshes.append((len(neck.points), neck.faces, neck.material))
    starts = np.cumsum([0] + [count for count, _, _ in meshes])
    material = np.concatenate([m for _, _, m in meshes]).astype(np.int32)
    faces = np.concatenate([f + start for (_, f, _), start in zip(meshes, starts, strict=False)])
    return _Topology(
        faces=np.ascontiguousarray(faces, np.int32),
        material=material,
        two_sided=np.isin(material, (CURTAIN, EAR, TEETH, MOUTH)),
        casters=casters,
    )


def deform(subject: Subject, nuisance: Nuisance) -> Float[np.ndarray, "V 3"]:
    """Fine vertices of the bare head with expression and age, in the head's frame, cm; lids are kept from staring."""
    modes = expressions()
    motion = max(0.0, subject.palette.years + nuisance.age_gap - 22) / 50 * modes["age"]
    for name, amount in nuisance.amounts.items():
        if amount:
            motion = motion + amount * modes[name]
    mean_head = head()
    control = mean_head.control + subject.displacement + grow(motion)
    return mean_head.subdivision @ (control + _lid_rest(control) * grow(modes["blink"]))


def _lid_rest(control: Float[np.ndarray, "C 3"]) -> float:
    """How far the lids close at rest, in units of `blink`: eyes open wider than the limit stare."""
    opening = np.mean([control[upper, 1] - control[lower, 1] for upper, lower in at.LID_MIDDLES])
    return max(0.0, float(opening) / WIDEST_CM - 1)


def build(subject: Subject, nuisance: Nuisance) -> Scene:
    """Put head, eyes, teeth, ears, hair and neck together and turn them."""
    mean_head = head()
    bare = deform(subject, nuisance)
    lumps = np.random.default_rng([nuisance.seed, 1])
    stacked = [(shell(bare, subject.palette, nuisance.hair_volume, lumps), mean_head.uv, mean_head.ambient)]
    stacked += [_eye(bare, eye, nuisance.gaze) for eye in mean_head.eyes]
    teeth = nuisance.amounts.get("jaw", 0.0) > 0.02
    if teeth:
        stacked.append(_teeth(bare))
    width = np.abs(bare[[234, 454], 0]).mean() / 7.1
    for side in (1, -1):
        ear = parts.ear().points * [side * width, 1, 1]
        stacked.append((ear, np.tile(SKIN_POINT, (len(ear), 1)), parts.ear_shade()))
    hanging = subject.palette.hair_style in CURTAIN_LENGTH
    if hanging:
        stacked.append(curtain(subject.palette, nuisance.hair_volume, bare, parts.curtain_grid()[0]))
    matrix = rotation(nuisance.yaw, nuisance.pitch, nuisance.roll)
    neck, shade = _neck(nuisance, matrix)
    topology = _topology(teeth, hanging)
    return Scene(
        points=np.concatenate([turn(np.concatenate([p for p, _, _ in stacked]), matrix), neck]),
        faces=topology.faces,
        material=topology.material,
        two_sided=topology.two_sided,
        uv=np.concatenate([uv for _, uv, _ in stacked] + [np.tile(SKIN_POINT, (len(neck), 1))]),
        ambient=np.concatenate([a for _, _, a in stacked] + [shade]),
        casters=topology.casters,
        rotation=matrix,
        head_points=bare,
    )


def _eye(bare: np.ndarray, lids: list[int], gaze: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eyeball as far forward as the lids allow, looking along the gaze; shaded by the upper lid."""
    rim = bare[lids]
    x, y, _ = rim.mean(0)
    r = parts.EYE_RADIUS
    touching = rim[:, 2] - np.sqrt(np.maximum(r * r - (rim[:, 0] - x) ** 2 - (rim[:, 1] - y) ** 2, 0.1))
    centre = np.array([x, y, _lower_quartile(touching) - 0.12])
    points = turn(parts.eyeball().points, rotation(gaze[0], gaze[1], 0.0), np.zeros(3)) * r + centre
    shade = 0.95 * np.clip(0.25 + 0.75 * (rim[:, 1].max() - points[:, 1]) / 0.7, 0.25, 1)
    return points, parts.eyeball_angles(), shade


def _lower_quartile(values: Float[np.ndarray, " N"]) -> float:
    """`np.percentile(values, 25)` of few values, in a tenth of the time."""
    place = 0.25 * (len(values) - 1)
    low, high = np.sort(values)[[int(place), math.ceil(place)]]
    part = place - int(place)
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _teeth(bare: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Teeth behind the upper lip, as wide as the mouth allows."""
    width = 0.85 * np.linalg.norm(bare[78] - bare[308]) / 4.4
    points = parts.teeth().points * [width, 1, 1] + bare[13] + [0, -0.28, -0.75]
    return points, np.tile(SKIN_POINT, (len(points), 1)), np.full(len(points), 0.75)


def _neck(nuisance: Nuisance, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neck that follows the head at its top and the shoulders, which turn less, at its foot; world, cm."""
    rest = parts.neck().points
    less = rotation(0.35 * nuisance.yaw, 0.2 * nuisance.pitch, 0.3 * nuisance.roll)
    follow = np.clip((rest[:, 1:2] + 16) / 8, 0, 1)
    foot = turn(rest, less, np.array([0.0, -18.0, -8.0]))
    shade = np.clip((-rest[:, 1] - 6) / 9, 0.3, 1)
    return foot * (1 - follow) + turn(rest, matrix, PIVOT) * follow, shade


@dataclass(frozen=True, eq=False)
class Anchors:
    """Points of the skin given by their texture position: a triangle and barycentric weights each."""

    corners: Int[np.ndarray, "M 3"]
    weights: Float[np.ndarray, "M 3"]

    def on(self, vertices: Float[np.ndarray, "V 3"]) -> Float[np.ndarray, "M 3"]:
        """Positions on a deformed head."""
        return (vertices[self.corners] * self.weights[..., None]).sum(1)


@lru_cache(1)
def _face_triangles() -> tuple[Int[np.ndarray, "T 3"], Float[np.ndarray, "3 T 2"], cKDTree]:
    """Skin triangles of the face that look outwards on the texture (the lids' backs do not).

    Returns:
        Their vertices, the texture positions of their corners, and their centres in a tree.
    """
    mean_head = head()
    faces = mean_head.faces[mean_head.material == SKIN]
    a, b, c = mean_head.uv[faces].transpose(1, 0, 2)
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    in_front = np.abs(mean_head.uv[faces, 0] - 0.5).max(1) < 0.35
    faces = faces[in_front & (area < 0)]
    corners = mean_head.uv[faces].transpose(1, 0, 2)
    return faces, corners, cKDTree(corners.sum(0) / 3)


def anchor(uv: Float[np.ndarray, "M 2"]) -> Anchors:
    """Triangle under each texture position (the nearest one if it lies outside all)."""
    faces, (a, b, c), centres = _face_triangles()
    if not len(uv):
        return Anchors(np.zeros((0, 3), np.int32), np.zeros((0, 3)))
    near = centres.query(uv, NEAR)[1]
    u, v, p = b[near] - a[near], c[near] - a[near], uv[:, None] - a[near]
    area = u[..., 0] * v[..., 1] - v[..., 0] * u[..., 1]
    w1 = (p[..., 0] * v[..., 1] - v[..., 0] * p[..., 1]) / area
    w2 = (u[..., 0] * p[..., 1] - p[..., 0] * u[..., 1]) / area
    w = np.stack([1 - w1 - w2, w1, w2], -1)
    each = np.arange(len(uv))
    best = w.min(-1).argmax(1)
    inside = np.clip(w[each, best], 0, None)
    return Anchors(faces[near[each, best]], inside / inside.sum(1, keepdims=True))


def landmarks(scene: Scene) -> Float[np.ndarray, "468 3"]:
    """The 468 landmarks in the world, cm."""
    return turn(scene.head_points[: at.FACE], scene.rotation)
