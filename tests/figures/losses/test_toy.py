import pytest
import torch

from twinlib.errors import InputError
from twinlib.figures.losses.toy import HEADS, IMAGES, PAIR_LOSSES, optimise


def angle(a, b):
    return float(torch.rad2deg((a @ b / a.norm() / b.norm()).arccos()))


@pytest.mark.parametrize("name", [*HEADS, *PAIR_LOSSES])
def test_every_loss_moves_the_twins_of_a_sphere_apart(name):
    track = optimise(name, 3, steps=30)
    assert len(track.gap) == 30
    assert track.gap[-1] > 6
    means = [track.end[track.subject == i].mean(0) for i in (0, 1)]
    assert angle(*means) == pytest.approx(float(track.gap[-1]), abs=6)  # images scatter by 5 degrees
    torch.testing.assert_close(track.end.norm(dim=1), torch.ones(7 * IMAGES))


def test_on_a_crowded_circle_heads_part_the_twins_and_cosine_losses_do_not():
    gap = {
        name: float(optimise(name, steps=100).gap[-1]) for name in ("ArcFace", "twin triplet", "TransFG contrastive")
    }
    assert gap["ArcFace"] > 40
    assert gap["twin triplet"] < 6
    assert gap["TransFG contrastive"] < 6


@pytest.mark.parametrize("dims", [2, 3])
def test_it_starts_with_twins_at_the_given_angle_and_a_seed_decides_it(dims):
    one, two, other = (optimise("ArcFace", dims, apart=4.0, spread=1e-6, steps=1, seed=s) for s in (1, 1, 2))
    assert angle(*(one.start[one.subject == i].mean(0) for i in (0, 1))) == pytest.approx(4, abs=0.05)
    assert torch.equal(one.end, two.end)
    assert dims == 2 or not torch.equal(one.end, other.end)


def test_an_unknown_loss_lists_the_known_ones():
    with pytest.raises(InputError, match=r"loss 'center' is unknown here; known: plain softmax, .*NDTWIN contrastive"):
        optimise("center")
