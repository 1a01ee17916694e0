import math

import pytest
import torch

from twinlib.figures.losses.loss_curves import (
    ARCFACES,
    HEADS,
    adaface,
    adaface_start,
    force_of_heads,
    force_of_pairs,
    magface,
    target,
)
from twinlib.losses.adaface import running_statistics
from twinlib.losses.arcface import PAST_PI


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("plain softmax", lambda t: math.cos(t)),
        ("ArcFace", lambda t: math.cos(t + 0.5)),
        ("CosFace", lambda t: math.cos(t) - 0.4),
        ("SphereFace", lambda t: -math.cos(4 * t) - 2),
        ("AdaFace, mean length", lambda t: math.cos(t) - 0.4),
        ("MagFace, length 60", lambda t: math.cos(t + 0.625)),
    ],
)
def test_targets_at_an_angle_and_their_slopes(name, wanted):
    theta = 1.0
    value, slope = target(HEADS[name], torch.tensor([theta]))
    assert float(value[0]) == pytest.approx(wanted(theta))
    h = 1e-6
    assert float(slope[0]) == pytest.approx((wanted(theta + h) - wanted(theta - h)) / (2 * h), rel=1e-5)


def test_every_published_treatment_is_drawn_and_they_part_past_pi():
    assert set(ARCFACES) == set(PAST_PI)
    value = {name: float(target(head, torch.tensor([3.0]))[0][0]) for name, head in ARCFACES.items()}
    assert value["insight"] > value["clip"] > value["fallback"]


def test_the_adaptive_heads_part_in_the_way_their_papers_say():
    near = torch.tensor([0.3])
    short, mean, long = (float(target(head, near)[0][0]) for head in map(adaface, (-1.0, 0.0, 1.0)))
    assert short != mean != long
    values = [float(target(magface(a, easy), near)[0][0]) for a in (10.0, 110.0) for easy in (True, False)]
    assert values[0] == values[1] > values[2] == values[3]  # a longer embedding has more margin


def test_a_margin_pulls_harder_than_plain_softmax_at_every_place_between_twins():
    phi = torch.linspace(0.01, 0.16, 8)
    force = force_of_heads({k: HEADS[k] for k in ("plain softmax", "ArcFace", "CosFace")}, phi, math.radians(10))
    assert (force["ArcFace"] > force["plain softmax"]).all()
    assert (force["CosFace"] > force["plain softmax"]).all()
    assert force["plain softmax"][-1] > 0  # towards its own centre


def test_forces_of_pairs_end_at_their_margins_and_cosines_have_none_at_zero():
    delta = torch.deg2rad(torch.tensor([0.01, 20.0, 75.0, 120.0]))
    force = force_of_pairs(delta)
    assert all((values >= -1e-9).all() for values in force.values())
    assert all(values[1] > 0 for values in force.values())
    contrastive, ndtwin = force["TransFG contrastive, m = 0.4"], force["NDTWIN contrastive, m = 1"]
    assert contrastive[0] < 0.01 * contrastive[1]
    assert ndtwin[0] > ndtwin[1]
    assert max(abs(contrastive[2]), abs(ndtwin[2])) < 1e-12  # beyond 66 and 60 degrees
    assert all(abs(values[3]) < 1e-12 for values in force.values())


def test_the_start_follows_the_running_statistics():
    found = adaface_start(25.0, 3.0, 40, 0.1)
    mean, std = torch.tensor(20.0), torch.tensor(100.0)
    batch = 25 + 3 * torch.tensor([-1.0, 1.0]) / math.sqrt(2)  # mean 25, unbiased deviation 3
    for k in found["paper: 20 and 100"]:
        mean, std = running_statistics(batch, mean, std, 0.1)
        assert float(k) == pytest.approx(float(0.333 * (28 - mean) / (std + 1e-3)), abs=1e-4)
    torch.testing.assert_close(found["measured"], torch.full((40,), 0.333 * 3 / 3.001))
