"""One image: subject and nuisance in, pixels and truth out. A pure function; the same input gives the same bytes."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int8, UInt8

from syntwins.cover.occlude import covered_share, occlude
from syntwins.cover.view import face_hull, first_order
from syntwins.draw.photograph import SUPERSAMPLING, develop, photograph
from syntwins.draw.raster import rasterise, vertex_normals
from syntwins.draw.scene import Anchors, Scene, anchor, build, landmarks
from syntwins.draw.shading import shade
from syntwins.identity import Subject
from syntwins.mesh import regions as at
from syntwins.mesh.camera import Camera, camera_at, turn
from syntwins.mesh.head import CLOTH, EAR, EYE, MOUTH, NECK, SKIN, TEETH
from syntwins.mesh.parts import IRIS_ANGLE, PUPIL_ANGLE
from syntwins.nuisance import Nuisance
from syntwins.paint.texture import Layers, compose, paint, skin_rgb
from syntwins.sets.cost import texture_side

SHADOW_SIZE, SHADOW_CM = 220, 44.0
HIDDEN_CM = 0.45  # a point this far behind the nearest surface counts as hidden
RELIEF = 0.55


@dataclass(frozen=True, eq=False)
class Rendered:
    """An image and the truth about it.

    Attributes:
        pixels: RGB, as decoded from `jpeg`.
        jpeg: the file's bytes.
        landmarks: projected vertices 0-467, px (origin at the corner of the first pixel).
        visible: per landmark: inside the image, not behind the head, not behind an occluder.
        occluded: measured share of the face's convex hull under the occluder, [0, 1].
        part: material of each pixel (`mesh.SKIN`, ...; 6 also where hair covers skin), -1 = background.
        marks: px of each of the subject's marks; marks_visible as for landmarks.
    """

    pixels: UInt8[np.ndarray, "S S 3"]
    jpeg: bytes
    landmarks: Float[np.ndarray, "468 2"]
    visible: Bool[np.ndarray, "468"]
    occluded: float
    part: Int8[np.ndarray, "S S"]
    marks: Float[np.ndarray, "M 2"]
    marks_visible: Bool[np.ndarray, " M"]


@dataclass(frozen=True, eq=False)
class Painted:
    """A subject with its texture and the places of its marks, made once for all its images."""

    subject: Subject
    layers: Layers
    anchors: Anchors


def prepare(subject: Subject, size: int = 160) -> Painted:
    """Paint a subject's texture, fine enough for images of this size."""
    return Painted(subject, paint(subject, texture_side(size)), anchor(subject.marks.uv))


def render_image(subject: Subject | Painted, nuisance: Nuisance, size: int = 160) -> Rendered:
    """Render one image.

    Args:
        subject: who; give `prepare(subject, size)` instead when rendering several images.
        nuisance: everything else.
        size: side of the image, px.
    """
    painted = prepare(subject, size) if isinstance(subject, Subject) else subject
    subject = painted.subject
    scene = build(subject, nuisance)
    camera = camera_at(nuisance.distance, scene.rotation, size * SUPERSAMPLING)
    linear, depth, part = _draw(scene, camera, painted, nuisance)
    picture = develop(linear, part, nuisance, np.random.default_rng([nuisance.seed, 2]))

    truth = camera.project(landmarks(scene))
    points = (truth[:, :2] / SUPERSAMPLING).astype(np.float32)

    def see(head_points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        projected = camera.project(turn(head_points, scene.rotation))
        return projected[:, :2] / SUPERSAMPLING, _unhidden(projected, depth)

    light = first_order(nuisance, _direction(nuisance.light_azimuth, nuisance.light_elevation) @ scene.rotation)
    picture, opacity = occlude(picture, nuisance.occluder, nuisance.occluded, points, scene.head_points[: at.FACE],
                               light, see, np.random.default_rng([nuisance.seed, 3]))  # fmt: skip
    pixels, jpeg = photograph(picture, nuisance, np.random.default_rng([nuisance.seed, 4]))
    marks, unhidden = see(painted.anchors.on(scene.head_points))
    return Rendered(
        pixels=pixels,
        jpeg=jpeg,
        landmarks=points,
        visible=_unhidden(truth, depth) & _uncovered(points, opacity),
        occluded=covered_share(opacity, face_hull(points, size)),
        part=part[::SUPERSAMPLING, ::SUPERSAMPLING].copy(),
        marks=marks.astype(np.float32),
        marks_visible=unhidden & _uncovered(marks, opacity),
    )


def _draw(
    scene: Scene, camera: Camera, painted: Painted, nuisance: Nuisance
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear RGB, inverse depth and part map at the supersampled size."""
    size = camera.size
    depth = np.zeros((size, size), np.float32)
    triangle = np.full((size, size), -1, np.int32)
    weights = np.zeros((size, size, 2), np.float32)
    rasterise(camera.project(scene.points), scene.faces, scene.two_sided, depth, triangle, weights)
    normals = np.zeros_like(scene.points)
    vertex_normals(scene.points, scene.faces, normals)
    light = _direction(nuisance.light_azimuth, nuisance.light_elevation)
    frame, origin, shadow = _shadow_map(scene, light)
    texture = compose(painted.layers, painted.subject, painted.subject.palette.years + nuisance.age_gap)
    width = texture.shape[1]
    theta = (np.arange(width) / (width - 1) - 0.5) * 2 * np.pi
    warm = nuisance.warmth
    sky = np.array([1 - 0.5 * warm, 1, 1 + 0.6 * warm]) * nuisance.ambient
    fill = np.array([-0.8 * light[0], 0.1, 0.7])
    iris = np.array([*painted.subject.palette.iris_rgb, IRIS_ANGLE, PUPIL_ANGLE])
    out, part = np.zeros((size, size, 3), np.float32), np.full((size, size), -1, np.int8)
    shade(
        triangle, weights, scene.faces, scene.material, scene.points, normals, scene.uv, scene.ambient,
        texture, np.stack([np.cos(theta), np.sin(theta)], 1), _materials(painted.subject, nuisance), iris,
        scene.rotation, light, np.array([1 + warm, 1, 1 - warm]) * nuisance.light, sky, sky * [0.62, 0.55, 0.5],
        fill / np.sqrt((fill**2).sum()), sky * 0.45, shadow, frame, origin, SHADOW_SIZE / SHADOW_CM, RELIEF, out, part,
    )  # fmt: skip
    return out, depth, part


def _materials(subject: Subject, nuisance: Nuisance) -> Float[np.ndarray, "8 6"]:
    """Per material: linear RGB (0: from the texture), highlight strength and exponent, wrap."""
    table = np.zeros((8, 6))
    table[:, 3:] = [[0.07, 14, 0.28], [2.2, 200, 0.1], [0.05, 20, 0.1], [0.25, 40, 0.1], [0.05, 12, 0.25],
                    [0.02, 5, 0.0], [0.12, 18, 0.0], [0.06, 14, 0.35]]  # fmt: skip
    table[SKIN, 3] = 0.05 + 0.02 * subject.palette.tone  # without scattered light, dark skin lives by its highlights
    skin = 0.95 * skin_rgb(subject.palette)
    table[MOUTH, :3], table[TEETH, :3] = (0.09, 0.025, 0.02), (0.62, 0.57, 0.48)
    table[NECK, :3], table[EAR, :3], table[CLOTH, :3] = skin, skin * [1.03, 0.9, 0.9], nuisance.cloth
    table[EYE, :3] = 0
    return table


def _direction(azimuth: float, elevation: float) -> Float[np.ndarray, "3"]:
    """Unit vector towards a light, from degrees."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return np.array([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])


def _shadow_map(scene: Scene, light: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frame (right, down, towards the light), its origin, and the nearest depth seen from the light."""
    right = np.array([light[2], 0, -light[0]]) / math.hypot(light[0], light[2])
    down = -np.array([light[1] * right[2], light[2] * right[0] - light[0] * right[2], -light[1] * right[0]])
    frame = np.stack([right, down, light])
    seen = scene.points @ frame.T
    origin = seen[: len(scene.head_points)].mean(0)
    seen[:, :2] = (seen[:, :2] - origin[:2]) * (SHADOW_SIZE / SHADOW_CM) + SHADOW_SIZE / 2
    shadow = np.full((SHADOW_SIZE, SHADOW_SIZE), -1e9, np.float32)
    unused = np.zeros((SHADOW_SIZE, SHADOW_SIZE, 2), np.float32)
    casters = slice(0, scene.casters)
    rasterise(seen, scene.faces[casters], scene.two_sided[casters], shadow,
              np.zeros((SHADOW_SIZE, SHADOW_SIZE), np.int32), unused)  # fmt: skip
    return frame, origin, shadow


def _unhidden(projected: Float[np.ndarray, "N 3"], depth: Float[np.ndarray, "S S"]) -> Bool[np.ndarray, " N"]:
    """Whether points are inside the image and at most `HIDDEN_CM` behind the nearest surface."""
    size = len(depth)
    x, y = np.floor(projected[:, 0]).astype(int), np.floor(projected[:, 1]).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < size) & (y < size)
    nearest = depth[y.clip(0, size - 1), x.clip(0, size - 1)]
    behind = 1 / projected[:, 2] - 1 / np.maximum(nearest, 1e-6)
    return inside & ((nearest <= 0) | (behind < HIDDEN_CM))


def _uncovered(points: Float[np.ndarray, "N 2"], opacity: Float[np.ndarray, "S S"]) -> Bool[np.ndarray, " N"]:
    """Whether the occluder leaves a point in view."""
    size = len(opacity)
    x, y = (np.floor(points[:, k]).astype(int).clip(0, size - 1) for k in (0, 1))
    return opacity[y, x] < 0.5
