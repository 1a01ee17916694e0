"""The mean head as a subdivision surface.

A control mesh of 778 vertices (468 face landmarks, skull, lid rims, mouth bag) is refined twice by Loop's rule. Both
steps together are one sparse matrix :math:`S`, so that every head of the data set is :math:`V = S B` with its own
control points :math:`B`, and landmark i is row i of :math:`V`.

Coordinates in cm: origin between the eyes, x to the image's right, y up, z towards the camera. The distance of the eye
centres is 6.3 cm. Units are nominal: the head is a drawing, not a measurement of anybody.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from scipy import sparse

from syntwins.mesh.regions import FACE, LIPS_INNER_LOWER, LIPS_INNER_UPPER
from syntwins.mesh.subdivision import loop_subdivision

SKULL_CENTRE = np.array([0, 1.2, -7.3])
SKULL_RADII = np.array([7.6, 9.3, 9.6])
SKULL_POLE = np.array([0, -0.25, -1.0]) / math.hypot(0.25, 1.0)
AXIS_Z = -7.0  # the texture is wrapped around the vertical line x = 0, z = AXIS_Z
TEXTURE_Y = (-13.0, 12.0)  # bottom and top of the texture, cm

SKIN, EYE, MOUTH, TEETH, NECK, CLOTH, CURTAIN, EAR = range(8)  # materials

RIM_DEPTH = 0.45
MOUTH_RINGS = ((-0.5, 1.0, 0.25), (-1.6, 1.05, 1.0), (-3.2, 0.8, 1.2))  # z shift, x scale, opening (cm)


@dataclass(frozen=True, eq=False)
class Head:
    """Topology and rest shape, the same for every head.

    Attributes:
        control: control points of the mean head, cm; rows 0-467 are the landmarks.
        subdivision: S, control points to fine vertices.
        faces: triangles of the fine mesh, counter-clockwise seen from outside.
        material: per triangle, SKIN or MOUTH.
        mean: S @ control.
        uv: texture position of each fine vertex, in [0, 1], (0, 0) = top left.
        in_mouth: weight of the mouth bag at each fine vertex, [0, 1].
        mirror: control vertex at the mirror image of each control vertex.
        eyes: 16 lid vertices of the right and of the left eye.
        oval: 36 vertices of the face oval.
        lips: 20 vertices of the inner lip line.
        skull_end: control vertices before this number are face and skull; lid rims and mouth bag follow.
        lid_rims: per eye, the lid vertices and the rim vertices behind them.
        mouth_rings: three rings of the mouth bag, front to back.
        control_faces: triangles of the control mesh.
        modes_even, modes_odd: smooth fields on face and skull that are symmetric/antisymmetric under the mirror,
            RMS 1, smoothest first.
        values_even, values_odd: their Laplacian eigenvalues.
        ambient: ambient visibility of each fine vertex, [0, 1].
    """

    control: Float[np.ndarray, "C 3"]
    subdivision: sparse.csr_matrix
    faces: Int[np.ndarray, "T 3"]
    material: Int[np.ndarray, " T"]
    mean: Float[np.ndarray, "V 3"]
    uv: Float[np.ndarray, "V 2"]
    in_mouth: Float[np.ndarray, " V"]
    mirror: Int[np.ndarray, " C"]
    eyes: tuple[list[int], list[int]]
    oval: list[int]
    lips: list[int]
    skull_end: int
    lid_rims: tuple[tuple[list[int], list[int]], ...]
    mouth_rings: tuple[list[int], ...]
    control_faces: Int[np.ndarray, "F 3"]
    modes_even: Float[np.ndarray, "K A"]
    modes_odd: Float[np.ndarray, "K B"]
    values_even: Float[np.ndarray, " A"]
    values_odd: Float[np.ndarray, " B"]
    ambient: Float[np.ndarray, " V"]


class _Builder:
    """Control mesh under construction: vertices, triangles, mirror map."""

    def __init__(self, vertices: np.ndarray, faces: np.ndarray, mirror: np.ndarray) -> None:
        self.vertices = [*vertices]
        self.faces = [tuple(face) for face in faces]
        self.mirror = list(mirror)

    def ring(self, parent: list[int], points: list[np.ndarray]) -> list[int]:
        """Add a ring of points, joined to `parent` by a strip of triangles."""
        ring = list(range(len(self.vertices), len(self.vertices) + len(points)))
        self.vertices += points
        self.mirror += [0] * len(points)
        for i in range(len(ring)):
            a, b, c, d = parent[i], parent[i - len(ring) + 1], ring[i], ring[i - len(ring) + 1]
            # Diagonals mirror each other across x = 0: subdivision must not make a symmetric head lopsided.
            left = self.vertices[a][0] + self.vertices[b][0] > 0
            self.faces += [(b, a, c), (b, c, d)] if left else [(b, a, d), (a, c, d)]
        return ring

    def pole(self, ring: list[int], point: np.ndarray) -> int:
        """Close a ring with one vertex."""
        pole = len(self.vertices)
        self.vertices.append(point)
        self.mirror.append(pole)
        self.faces += [(ring[i - len(ring) + 1], ring[i], pole) for i in range(len(ring))]
        return pole

    def mirror_like(self, ring: list[int], source: list[int], image: list[int], image_source: list[int]) -> None:
        """Mirror `ring` (grown from `source`) onto `image` (grown from `image_source`)."""
        place = {vertex: i for i, vertex in enumerate(image_source)}
        for vertex, parent in zip(ring, source, strict=True):
            self.mirror[vertex] = image[place[self.mirror[parent]]]


def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Unit vector a fraction t of the way from a to b along their great circle."""
    angle = math.acos(max(-1.0, min(1.0, float(a @ b))))
    return (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)


def _add_skull(mesh: _Builder, oval: list[int]) -> None:
    """Six rings from the face oval to a pole at the back, blending into an ellipsoid."""
    ring, vertices = oval, mesh.vertices
    for t in (0.1, 0.22, 0.36, 0.52, 0.7, 0.86):
        points = []
        k = min(1.0, 2.2 * t)
        k = k * k * (3 - 2 * k)
        for vertex in oval:
            ray = vertices[vertex] - SKULL_CENTRE
            radius = math.sqrt(ray @ ray)
            direction = slerp(ray / radius, SKULL_POLE, t)
            points.append(SKULL_CENTRE + direction * ((1 - k) * radius + k * _ellipsoid_radius(direction)))
        ring = mesh.ring(ring, points)
        mesh.mirror_like(ring, oval, ring, oval)
    mesh.pole(ring, SKULL_CENTRE + SKULL_POLE * _ellipsoid_radius(SKULL_POLE))


def _ellipsoid_radius(direction: np.ndarray) -> float:
    return 1 / math.sqrt(((direction / SKULL_RADII) ** 2).sum())


def _add_lids(mesh: _Builder, eyes: tuple[list[int], list[int]]) -> tuple[tuple[list[int], list[int]], ...]:
    """Give the lids a thickness: a rim behind each eye opening."""
    rims = []
    for eye in eyes:
        centre = np.mean([mesh.vertices[i] for i in eye], 0)
        back = np.array([0, 0, -RIM_DEPTH])
        rims.append((eye, mesh.ring(eye, [centre + (mesh.vertices[i] - centre) * 1.02 + back for i in eye])))
    (right, rim_right), (left, rim_left) = rims
    mesh.mirror_like(rim_right, right, rim_left, left)
    mesh.mirror_like(rim_left, left, rim_right, right)
    return tuple(rims)


def _add_mouth(mesh: _Builder, lips: list[int]) -> tuple[list[int], ...]:
    """Hang a bag behind the inner lips, so that an open mouth is dark and hollow."""
    centre = np.mean([mesh.vertices[i] for i in lips], 0)
    upper, lower = set(LIPS_INNER_UPPER[1:-1]), set(LIPS_INNER_LOWER[1:-1])
    ring, rings = lips, []
    for dz, scale, opening in MOUTH_RINGS:
        points = []
        for i in lips:
            dy = 0.5 * opening * ((i in upper) - (i in lower))
            points.append(centre + (mesh.vertices[i] - centre) * [scale, 1, 1] + [0, dy, dz])
        ring = mesh.ring(ring, points)
        mesh.mirror_like(ring, lips, ring, lips)
        rings.append(ring)
    mesh.pole(ring, np.mean([mesh.vertices[i] for i in ring], 0))
    return tuple(rings)


def texture_uv(points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "N 2"]:
    """Cylindrical texture position of points in the head's frame, in [0, 1]; (0.5, y) is the mid-line in front."""
    bottom, top = TEXTURE_Y
    angle = np.arctan2(points[:, 0], points[:, 2] - AXIS_Z)
    return np.stack([angle / (2 * np.pi) + 0.5, (top - points[:, 1]) / (top - bottom)], 1)


@lru_cache(1)
def head() -> Head:
    """The mean head from the packaged base mesh and assets (0.1 s, once a process)."""
    with np.load(Path(__file__).parent / "assets.npz") as stored:
        return assemble({name: stored[name].astype(float) for name in stored.files})


def assemble(assets: dict[str, np.ndarray]) -> Head:
    """Grow skull, lids and mouth on the base face, subdivide twice and make the landmarks lie on the limit surface.

    Args:
        assets: the fields `modes_*`, `values_*` and `ambient` of `Head`, made by `assets.py`.
    """
    with np.load(Path(__file__).parent / "base.npz") as base:
        mesh = _Builder(base["V"], base["T"], base["perm"])
        oval, lips = base["loop36_C"].tolist(), base["loop20_C"].tolist()
        eyes = (base["loop16_R"].tolist(), base["loop16_L"].tolist())
    _add_skull(mesh, oval)
    skull_end = len(mesh.vertices)
    lid_rims, mouth_rings = _add_lids(mesh, eyes), _add_mouth(mesh, lips)
    vertices, control_faces = np.array(mesh.vertices, float), np.array(mesh.faces)
    once, middle = loop_subdivision(len(vertices), control_faces)
    twice, faces = loop_subdivision(once.shape[0], middle)
    subdivision = (twice @ once).tocsr()
    # Subdivision shrinks; push the control points out until the fine landmarks are back where they were.
    control = vertices.copy()
    for _ in range(4):
        control[:FACE] += 0.8 * (vertices[:FACE] - (subdivision @ control)[:FACE])
    control = (control + control[mesh.mirror] * [-1, 1, 1]) / 2
    mouth = np.zeros(len(vertices))
    mouth[[*np.concatenate(mouth_rings), len(vertices) - 1]] = 1
    in_mouth = subdivision @ mouth
    mean = subdivision @ control
    return Head(
        control=control,
        subdivision=subdivision,
        faces=faces.astype(np.int32),
        material=np.where(in_mouth[faces].mean(1) > 0.5, MOUTH, SKIN).astype(np.int32),
        mean=mean,
        uv=texture_uv(mean),
        in_mouth=in_mouth,
        mirror=np.array(mesh.mirror),
        eyes=eyes,
        oval=oval,
        lips=lips,
        skull_end=skull_end,
        lid_rims=lid_rims,
        mouth_rings=mouth_rings,
        control_faces=control_faces,
        **assets,
    )


def grow(displacement: Float[np.ndarray, "K 3"]) -> Float[np.ndarray, "C 3"]:
    """Extend a displacement of face and skull (cm) to the lid rims and the mouth bag, which follow their parents."""
    mean_head = head()
    whole = np.zeros_like(mean_head.control)
    whole[: len(displacement)] = displacement
    for eye, rim in mean_head.lid_rims:
        whole[rim] = whole[eye]
    for ring in mean_head.mouth_rings:
        whole[ring] = whole[mean_head.lips]
    whole[-1] = whole[mean_head.lips].mean(0)
    return whole
