"""Compiled kernel: the colour of each pixel.

Key light with wrapped Lambert (redder wrap stands in for light scattered under the skin), a shadow map, sky and ground
light times ambient visibility, a fill light, and Blinn-Phong highlights that grow towards grazing angles.
"""

import math
from typing import no_type_check

import numpy as np
from numba import njit

from syntwins.mesh.head import CURTAIN, EYE, SKIN

HAIR_PART = 6  # value of the part map where hair covers skin
SHADOW_BIAS, SHADOW_LIFT = 0.35, 0.5  # cm
CORNEA = 2.5  # weight of the view against the light in the halfway vector of the eye


@njit(cache=True)
@no_type_check
def shade(
    triangle, weights, faces, material, points, normals, uv, ambient, texture, turn, table, iris, rotation,
    light, light_rgb, sky_rgb, ground_rgb, fill, fill_rgb, shadow, frame, origin, scale, bump, out, part,
):  # fmt: skip
    """Shade every covered pixel.

    Args:
        triangle: (H, W) int32 from `rasterise`.
        weights: (H, W, 2) float32 from `rasterise`.
        faces: (T, 3) int32.
        material: (T,) int32.
        points: (V, 3) float64, world, cm.
        normals: (V, 3) float64, unit.
        uv: (V, 2) float64, texture position; of an eyeball the angles from its axis.
        ambient: (V,) float64, ambient visibility.
        texture: (H, W, 5) float32 of `compose`.
        turn: (W, 2) cosine and sine of each texture column's angle around the head.
        table: (8, 6) per material: linear RGB, highlight strength, highlight exponent, wrap.
        iris: (5,) linear RGB, iris angle, pupil angle.
        rotation: (3, 3) head to world.
        light: (3,) unit direction to the key light.
        light_rgb: (3,) its strength.
        sky_rgb: (3,) strength of the light from above.
        ground_rgb: (3,) strength of the light from below.
        fill: (3,) unit direction to the fill light.
        fill_rgb: (3,) its strength.
        shadow: (N, N) float32, largest coordinate along the light.
        frame: (3, 3) world to shadow map: right, down, towards the light.
        origin: (3,) middle of the shadow map in that frame.
        scale: shadow map texels a cm.
        bump: strength of the relief.
        out: (H, W, 3) float32, receives linear RGB.
        part: (H, W) int8, receives the material, -1 = background.
    """
    n = np.zeros(3)
    p = np.zeros(3)
    col = np.zeros(3)
    size = shadow.shape[0]
    halfway = math.sqrt(light[0] ** 2 + light[1] ** 2 + (light[2] + 1.0) ** 2)
    glance = math.sqrt(light[0] ** 2 + light[1] ** 2 + (light[2] + CORNEA) ** 2)
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            f = triangle[y, x]
            if f < 0:
                continue
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            w0, w1 = weights[y, x, 0], weights[y, x, 1]
            w2 = 1 - w0 - w1
            for k in range(3):
                n[k] = w0 * normals[a, k] + w1 * normals[b, k] + w2 * normals[c, k]
                p[k] = w0 * points[a, k] + w1 * points[b, k] + w2 * points[c, k]
            m = material[f]
            ao = w0 * ambient[a] + w1 * ambient[b] + w2 * ambient[c]
            strength, exponent, wrap, hair = table[m, 3], table[m, 4], table[m, 5], 0.0
            v = w0 * uv[a, 1] + w1 * uv[b, 1] + w2 * uv[c, 1]
            if m == SKIN or m == CURTAIN:
                u = _seamless(uv[a, 0], uv[b, 0], uv[c, 0], w0, w1, w2)
                hair = _textured(texture, turn, u, v, rotation, bump, n, col)
                if m == CURTAIN:
                    hair = 1.0
                strength = strength * (1 - hair) + 0.08 * hair
                wrap *= 1 - hair
            elif m == EYE:
                _eye_colour(w0 * uv[a, 0] + w1 * uv[b, 0] + w2 * uv[c, 0], v, iris, col)
            else:
                for k in range(3):
                    col[k] = table[m, k]
            inverse = 1 / math.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2 + 1e-12)
            for k in range(3):
                n[k] *= inverse

            facing = n[0] * light[0] + n[1] * light[1] + n[2] * light[2]
            lit = 1.0
            if facing > -0.2:
                # Looked up a little above the skin and the more so the flatter the light falls: else the map's own
                # texels throw shadows, seen as stripes.
                lift = SHADOW_LIFT * math.sqrt(max(0.0, 1 - facing * facing))
                for k in range(3):
                    p[k] += lift * n[k]
                qx = (frame[0, 0] * p[0] + frame[0, 1] * p[1] + frame[0, 2] * p[2] - origin[0]) * scale + size * 0.5
                qy = (frame[1, 0] * p[0] + frame[1, 1] * p[1] + frame[1, 2] * p[2] - origin[1]) * scale + size * 0.5
                qz = frame[2, 0] * p[0] + frame[2, 1] * p[1] + frame[2, 2] * p[2]
                lit = _unshadowed(shadow, qx, qy, qz + SHADOW_BIAS + 0.25 * (1 - max(facing, 0.0)))
            up = n[1] * 0.5 + 0.5
            filled = n[0] * fill[0] + n[1] * fill[1] + n[2] * fill[2]
            mirror = max(0.0, (n[0] * light[0] + n[1] * light[1] + n[2] * (light[2] + 1.0)) / halfway)
            rim = 0.5 + 1.5 * (1 - max(0.0, n[2])) ** 3
            if m == EYE:  # the cornea bulges: the light's image moves to its middle; a wet eye is never dark
                mirror = max(0.0, (facing + CORNEA * n[2]) / glance)
                lit = max(lit, 0.5)
            shine = 0.0
            if facing > 0 and lit > 0:  # else the product is 0, and a power is dear
                shine = strength * math.pow(mirror, exponent) * max(0.0, min(1.0, facing * 4)) * lit * rim
            for k in range(3):
                wr = wrap * (1.0 if k == 0 else (0.45 if k == 1 else 0.3))
                diffuse = max(0.0, (facing + wr) / (1 + wr)) * (lit + (1 - lit) * wr * 0.25)
                around = sky_rgb[k] * up + ground_rgb[k] * (1 - up) + fill_rgb[k] * max(0.0, filled * 0.7 + 0.3)
                out[y, x, k] = col[k] * (light_rgb[k] * diffuse + ao * around) + shine * light_rgb[k]
            part[y, x] = HAIR_PART if hair > 0.5 else m


@njit(cache=True)
@no_type_check
def _seamless(u0, u1, u2, w0, w1, w2):
    """Interpolate u across the seam at the back of the head."""
    if max(u0, u1, u2) - min(u0, u1, u2) > 0.5:
        u0 += 1.0 if u0 < 0.5 else 0.0
        u1 += 1.0 if u1 < 0.5 else 0.0
        u2 += 1.0 if u2 < 0.5 else 0.0
    u = w0 * u0 + w1 * u1 + w2 * u2
    return u - 1.0 if u >= 1.0 else u


@njit(cache=True)
@no_type_check
def _textured(texture, turn, u, v, rotation, bump, n, col):
    """Bilinear colour into `col`, relief into the normal `n`; returns the hair's opacity."""
    height, width = texture.shape[0], texture.shape[1]
    tx = min(max(u * (width - 1), 1.0), width - 3.0)
    ty = min(max(v * (height - 1), 1.0), height - 3.0)
    i, j = int(tx), int(ty)
    fx, fy = tx - i, ty - j
    w00, w01, w10, w11 = (1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx
    for k in range(3):
        col[k] = (
            w00 * texture[j, i, k] + w01 * texture[j, i + 1, k]
            + w10 * texture[j + 1, i, k] + w11 * texture[j + 1, i + 1, k]
        )  # fmt: skip
    hair = (
        w00 * texture[j, i, 3]
        + w01 * texture[j, i + 1, 3]
        + w10 * texture[j + 1, i, 3]
        + w11 * texture[j + 1, i + 1, 3]
    )
    dx = (1 - fy) * (texture[j, i + 1, 4] - texture[j, i - 1, 4]) + fy * (
        texture[j + 1, i + 1, 4] - texture[j + 1, i - 1, 4]
    )
    dy = (1 - fx) * (texture[j + 1, i, 4] - texture[j - 1, i, 4]) + fx * (
        texture[j + 1, i + 1, 4] - texture[j - 1, i + 1, 4]
    )
    dx, dy = dx * bump, dy * bump
    cosine, sine = turn[i, 0], turn[i, 1]
    length = math.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2 + 1e-12)
    for k in range(3):  # the tangent along u is (cos, 0, -sin) of the head; v runs down
        n[k] = n[k] / length - dx * (rotation[k, 0] * cosine - rotation[k, 2] * sine) + dy * rotation[k, 1]
    return hair


@njit(cache=True)
@no_type_check
def _eye_colour(u, v, iris, col):
    """Pupil, iris with spokes and a dark ring, sclera that yellows and darkens outwards; into `col`."""
    r, turn = math.sqrt(u * u + v * v), math.atan2(v, u)
    if r < iris[4]:
        col[0], col[1], col[2] = 0.008, 0.008, 0.01
    elif r < iris[3]:
        q = (r - iris[4]) / (iris[3] - iris[4])
        spokes = 0.75 + 0.25 * math.sin(turn * 23 + 3 * math.sin(turn * 7))
        d = (1 - 0.75 * max(0.0, (q - 0.75) / 0.25)) * (0.7 + 1.2 * q * (1 - q)) * spokes
        for k in range(3):
            col[k] = iris[k] * d
    else:
        q = min(1.0, (r - iris[3]) / 0.06)
        d = 1 - 0.22 * min(1.0, (r - iris[3]) * 1.6)
        col[0] = iris[0] * 0.25 * (1 - q) + q * 0.40 * d
        col[1] = iris[1] * 0.25 * (1 - q) + q * 0.34 * d
        col[2] = iris[2] * 0.25 * (1 - q) + q * 0.315 * d


@njit(cache=True)
@no_type_check
def _unshadowed(shadow, qx, qy, qz):
    """Share of the shadow map's texels around a point that the light reaches (3 × 3)."""
    size = shadow.shape[0]
    left, middle, right = int(qx - 1.8), int(qx), int(qx + 1.8)
    hits, texels = 0, 0
    for dy in range(-1, 2):
        j = int(qy + dy * 1.8)
        if 0 <= j < size:
            if 0 <= left < size:
                texels += 1
                hits += shadow[j, left] <= qz
            if 0 <= middle < size:
                texels += 1
                hits += shadow[j, middle] <= qz
            if 0 <= right < size:
                texels += 1
                hits += shadow[j, right] <= qz
    return hits / (texels + 1e-9) if texels else 1.0
