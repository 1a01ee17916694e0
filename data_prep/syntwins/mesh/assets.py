"""Makes `assets.npz`: the smooth fields and the ambient visibility of the mean head, computed once and shipped.

They are shipped because the linear algebra library chooses among fields that are equally good, and identities must not
depend on it; and because the ambient rays take ten seconds. Made again, fields span the same space with the same
properties, but every identity is another: run `python -m syntwins.mesh.assets` only after a change to the base
mesh or to `mesh.py`, and raise the generator's version.
"""

from pathlib import Path
from typing import no_type_check

import numpy as np
from jaxtyping import Float
from numba import njit

from syntwins.draw.raster import vertex_normals
from syntwins.mesh.head import Head, assemble
from syntwins.mesh.subdivision import loop_subdivision

MODES = 26
RAYS, REACH = 96, 6.0  # rays a vertex; occluders farther away than this do not count, cm


def laplacian(mean_head: Head) -> Float[np.ndarray, "K K"]:
    """Graph Laplacian L = D - A of face and skull."""
    n = mean_head.skull_end
    faces = mean_head.control_faces[(mean_head.control_faces < n).all(1)]
    adjacency = np.zeros((n, n))
    for a, b in ((0, 1), (1, 2), (2, 0)):
        adjacency[faces[:, a], faces[:, b]] = adjacency[faces[:, b], faces[:, a]] = 1
    return np.diag(adjacency.sum(1)) - adjacency


def smooth_space(mean_head: Head, sign: int, modes: int = MODES) -> Float[np.ndarray, "K B"]:
    """Orthonormal basis of the even (`sign` 1) or odd (-1) parts of the Laplacian's smoothest eigenvectors.

    Any rotation of the basis is as good: nearly all singular values of the parts are 1.
    """
    vectors = np.linalg.eigh(laplacian(mean_head))[1][:, 1 : 2 * modes + 20]
    part = (vectors + sign * vectors[mean_head.mirror[: mean_head.skull_end]]) / 2
    q, strength, _ = np.linalg.svd(part, full_matrices=False)
    return q[:, strength > 0.3]


def laplacian_modes(
    mean_head: Head, sign: int, modes: int = MODES
) -> tuple[Float[np.ndarray, "K A"], Float[np.ndarray, " A"]]:
    r"""Smooth fields on face and skull with :math:`q(\text{mirror}(v)) = \pm q(v)`.

    An orthogonal basis of `smooth_space`, sorted by :math:`\lambda = q^\top L q`; the last ones are left out.

    Returns:
        Fields, RMS 1 each, and their :math:`\lambda`.
    """
    q = smooth_space(mean_head, sign, modes)
    values = np.einsum("ik,ij,jk->k", q, laplacian(mean_head), q)
    order = np.argsort(values)[:modes]
    return q[:, order] / np.sqrt((q[:, order] ** 2).mean(0)), values[order]


def sphere_directions(count: int) -> Float[np.ndarray, "R 3"]:
    """Evenly spread unit vectors (Fibonacci lattice)."""
    k = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * k / count), np.pi * (1 + 5**0.5) * k
    return np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], 1)


def ambient_visibility(mean_head: Head) -> Float[np.ndarray, " V"]:
    """Cosine-weighted share of directions in which a vertex sees no nearby part of the head, [0.1, 1].

    Traced on the mesh after one subdivision, then carried to the fine mesh by the second.
    """
    once, faces = loop_subdivision(len(mean_head.control), mean_head.control_faces)
    points = np.ascontiguousarray(once @ mean_head.control)
    normals = np.zeros_like(points)
    vertex_normals(points, faces.astype(np.int32), normals)
    visible = _trace(points, normals, faces, sphere_directions(RAYS), REACH)
    twice, _ = loop_subdivision(len(points), faces)
    return np.clip(twice @ visible, 0.1, 1.0)


@njit(cache=False)
@no_type_check
def _trace(points, normals, faces, directions, reach):
    """Share of unblocked rays per vertex; Möller-Trumbore against every triangle."""
    visible = np.zeros(len(points))
    for i in range(len(points)):
        blocked = 0.0
        total = 1e-9
        origin = points[i] + normals[i] * 0.08
        for d in directions:
            cosine = d[0] * normals[i, 0] + d[1] * normals[i, 1] + d[2] * normals[i, 2]
            if cosine <= 0.05:
                continue
            total += cosine
            for f in range(len(faces)):
                a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
                if a == i or b == i or c == i:
                    continue
                ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
                vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
                px, py, pz = d[1] * vz - d[2] * vy, d[2] * vx - d[0] * vz, d[0] * vy - d[1] * vx
                det = ux * px + uy * py + uz * pz
                if abs(det) < 1e-9:
                    continue
                tx, ty, tz = origin[0] - points[a, 0], origin[1] - points[a, 1], origin[2] - points[a, 2]
                s = (tx * px + ty * py + tz * pz) / det
                if s < 0 or s > 1:
                    continue
                qx, qy, qz = ty * uz - tz * uy, tz * ux - tx * uz, tx * uy - ty * ux
                t = (d[0] * qx + d[1] * qy + d[2] * qz) / det
                if t < 0 or s + t > 1:
                    continue
                distance = (vx * qx + vy * qy + vz * qz) / det
                if 1e-3 < distance < reach:
                    blocked += cosine * (1 - distance / reach)
                    break
        visible[i] = 1 - blocked / total
    return visible


def build() -> dict[str, np.ndarray]:
    """Every array of `assets.npz`, at the precision it is shipped in."""
    nothing = {"modes_even": (685, 0), "modes_odd": (685, 0), "values_even": 0, "values_odd": 0, "ambient": 12256}
    bare = assemble({name: np.zeros(shape) for name, shape in nothing.items()})
    even, values_even = laplacian_modes(bare, 1)
    odd, values_odd = laplacian_modes(bare, -1)
    return {
        "modes_even": even.astype(np.float32),
        "values_even": values_even.astype(np.float32),
        "modes_odd": odd.astype(np.float32),
        "values_odd": values_odd.astype(np.float32),
        "ambient": ambient_visibility(bare).astype(np.float16),
    }


if __name__ == "__main__":
    np.savez_compressed(Path(__file__).parent / "assets.npz", **build())
