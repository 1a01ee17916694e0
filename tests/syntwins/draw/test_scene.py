from dataclasses import replace

import numpy as np

from syntwins import Nuisance, sample_subject
from syntwins.draw.scene import WIDEST_CM, anchor, build, deform, landmarks
from syntwins.mesh.head import grow, head
from syntwins.mesh.shape import expressions, semantic_modes

SUBJECT = sample_subject(4, 0)
OPEN = Nuisance(amounts={"jaw": 0.8})


def test_anchors_find_the_texture_position_they_were_given():
    uv = head().uv[[50, 425, 151, 199]] + [0.002, -0.003]
    np.testing.assert_allclose(anchor(uv).on(np.pad(head().uv, ((0, 0), (0, 1))))[:, :2], uv, atol=1e-6)


def test_every_triangle_has_its_vertices_and_its_material():
    for nuisance in (Nuisance(), OPEN):
        for style in (0, 2):
            subject = replace(SUBJECT, palette=replace(SUBJECT.palette, hair_style=style))
            scene = build(subject, nuisance)
            assert scene.faces.max() == len(scene.points) - 1
            assert len(scene.material) == len(scene.faces) == len(scene.two_sided)
            assert len(scene.uv) == len(scene.ambient) == len(scene.points)


def test_teeth_appear_only_behind_an_open_mouth():
    assert len(build(SUBJECT, OPEN).points) > len(build(SUBJECT, Nuisance()).points)


def test_years_move_the_face_and_the_jaw_opens_downwards():
    young, old = deform(SUBJECT, Nuisance()), deform(SUBJECT, Nuisance(age_gap=12.0))
    assert 0.02 < np.abs(old - young)[:468].max() < 0.4
    opened = deform(SUBJECT, OPEN) - young
    assert opened[17, 1] < -0.4
    assert abs(opened[10]).max() < 0.01


def test_landmarks_keep_their_distances_when_the_head_turns():
    still, turned = (
        landmarks(build(SUBJECT, Nuisance(yaw=yaw, pitch=pitch))) for yaw, pitch in ((0.0, 0.0), (50.0, 9.0))
    )
    pick = [1, 33, 263, 61, 291, 152, 234, 454]
    distances = [np.linalg.norm(p[pick][:, None] - p[pick], axis=-1) for p in (still, turned)]
    np.testing.assert_allclose(*distances, atol=1e-9)


def test_eyes_do_not_stare_and_narrow_eyes_stay():
    opening = {}
    motion = max(0.0, SUBJECT.palette.years - 22) / 50 * expressions()["age"]
    for weight in (-3, 3):
        wider = weight * semantic_modes()["eye_opening"]
        one = replace(SUBJECT, displacement=SUBJECT.displacement + grow(wider))
        face = deform(one, Nuisance())
        opening[weight] = face[[159, 386], 1] - face[[145, 374], 1]
        drawn = head().subdivision @ (head().control + one.displacement)
        if weight < 0:
            aged = head().subdivision @ grow(motion)
            np.testing.assert_allclose(face, drawn + aged, atol=1e-12)
        else:
            assert (drawn[[159, 386], 1] - drawn[[145, 374], 1]).mean() > WIDEST_CM + 0.1
    assert opening[-3].mean() < opening[3].mean() < 1.1
