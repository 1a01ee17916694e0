from dataclasses import replace

import numpy as np

from syntwins import sample_subject
from syntwins.mesh.hair import CHIN, CROPPED, SHORT, SHOULDER, curtain, depth_map, hairline, part_angle, shell
from syntwins.mesh.head import SKULL_CENTRE, head
from syntwins.mesh.parts import curtain_grid

PALETTE = replace(sample_subject(1, 0).palette, hairline=0.0, temples=0.0, parting=0.0, hair_style=SHORT)
ANGLES = np.linspace(-np.pi, np.pi, 181)


def test_the_hair_line_is_symmetric_but_for_the_parting():
    plain = hairline(ANGLES, PALETTE)
    np.testing.assert_allclose(plain, plain[::-1], atol=1e-12)
    parted = hairline(ANGLES, replace(PALETTE, parting=0.5)) - plain
    np.testing.assert_allclose(parted, -parted[::-1], atol=1e-12)
    assert parted.max() > 0.3


def test_receding_temples_leave_the_middle():
    risen = hairline(ANGLES, replace(PALETTE, temples=1.0)) - hairline(ANGLES, PALETTE)
    assert risen[90] == 0  # theta = 0
    assert risen.max() > 0.8


def test_hair_only_adds_outwards_and_cropped_hair_adds_less():
    bare = head().mean
    radius = lambda points: np.linalg.norm(points - SKULL_CENTRE, axis=1)  # noqa: E731
    short, cropped = (
        shell(bare, replace(PALETTE, hair_style=style), 1.2, np.random.default_rng(0)) for style in (SHORT, CROPPED)
    )
    added, less = radius(short) - radius(bare), radius(cropped) - radius(bare)
    assert added.min() > -1e-9
    assert 0.2 < less.max() < 0.5 * added.max() < 1.2
    assert added[[1, 4, 152, 50, 280]].max() == 0  # none on nose, chin and cheeks


def test_the_shell_rises_gently_from_the_hair_line():
    bare = head().mean
    added = np.linalg.norm(shell(bare, PALETTE, 1.0, np.random.default_rng(0)) - bare, axis=1)
    theta = 2 * np.pi * (head().uv[:, 0] - 0.5)
    above = bare[:, 1] - hairline(theta, PALETTE)
    edge = (np.abs(theta) < 0.7) & (above > 0) & (above < 0.6)
    assert edge.sum() > 10
    assert added[edge].max() < 0.2


def test_men_recede_more_and_long_hair_covers_the_temples():
    woman, man = (hairline(ANGLES, replace(PALETTE, sex=sex)) for sex in ("female", "male"))
    assert man[90] == woman[90]
    assert (man - woman).max() > 0.2
    long = hairline(ANGLES, replace(PALETTE, hair_style=SHOULDER))
    assert (long <= hairline(ANGLES, PALETTE)).all()
    assert long[135] < -6  # at the ear


def test_the_map_of_distances_changes_its_sign_at_the_hair_line():
    depth = depth_map(PALETTE)
    theta = np.linspace(-np.pi, np.pi, depth.shape[1])
    y = np.linspace(12, -13, depth.shape[0])
    above = y[:, None] - hairline(theta, PALETTE)
    assert (depth[above > 0.4] > 0).all()
    assert (depth[above < -0.4] < 0).all()
    assert (np.abs(depth) <= np.abs(above) + 0.3).all()  # never farther than straight up or down


def test_the_part_is_on_the_side_of_the_higher_hair_line():
    for parting in (-0.5, 0.5):
        palette = replace(PALETTE, parting=parting)
        left, right = hairline(np.array([-0.4, 0.4]), palette)
        assert (right > left) == (part_angle(palette) > 0)


def test_locks_have_different_lengths_and_stay_outside_of_a_wide_face():
    grid = curtain_grid()[0]
    wide = head().mean * [1.15, 1, 1]
    tips = []
    for style in (CHIN, SHOULDER):
        points, uv, shade = curtain(replace(PALETTE, hair_style=style), 1.0, wide, grid)
        assert uv.min() >= 0
        assert uv.max() <= 1
        assert 0 < shade.min() < shade.max() <= 1
        tips.append(points[(grid[:, 2] == 1) & (grid[:, 4] == 0), 1])
        ears = (np.abs(points[:, 1] + 2) < 1) & (np.abs(points[:, 2] + 7) < 1)
        assert np.abs(points[ears, 0]).min() > np.abs(wide[[234, 454], 0]).max()
    assert tips[0].std() > 0.4
    assert tips[0].min() > tips[1].max() + 3


def test_long_hair_shows_width_but_no_asymmetry():
    """Twins who differ by asymmetry alone have the same locks; wider cheeks push them out."""
    palette, grid = replace(PALETTE, hair_style=SHOULDER), curtain_grid()[0]
    even, uneven, wide = head().mean.copy(), head().mean.copy(), head().mean * [1.1, 1, 1]
    uneven[:, 0] += 0.1 * np.exp(-((even[:, 1] + 4) ** 2) / 8)  # both cheeks to one side, cm
    locks = [curtain(palette, 1.0, skin, grid)[0] for skin in (even, uneven, wide)]
    assert np.abs(locks[1] - locks[0]).max() < 0.05
    assert np.abs(locks[2] - locks[0]).max() > 0.3
