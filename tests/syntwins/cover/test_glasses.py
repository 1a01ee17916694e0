import numpy as np

from syntwins.mesh import regions as at


def test_sunglasses_hide_the_eyes_that_glasses_show(shot):
    for kind, hidden in (("sunglasses", True), ("glasses", False)):
        _, opacity, landmarks = shot(kind=kind)
        pupils = np.stack([landmarks[[33, 133]].mean(0), landmarks[[263, 362]].mean(0)]).astype(int)
        assert ((opacity[pupils[:, 1], pupils[:, 0]] > 0.5) == hidden).all()


def test_frames_are_alike_on_both_sides(shot):
    opacity = shot(kind="sunglasses")[1]
    assert np.abs(opacity - opacity[:, ::-1]).mean() < 0.01


def test_frames_tell_nothing_of_the_asymmetry_behind_them(shot):
    opacity = shot(kind="sunglasses", uneven=0.3)[1]
    assert np.abs(opacity - opacity[:, ::-1]).mean() < 0.01


def test_each_seed_has_its_own_frame(shot):
    frames = [shot(kind="glasses", seed=seed)[1] for seed in range(4)]
    assert all(np.abs(frames[0] - other).max() > 0.2 for other in frames[1:])
    rows = np.flatnonzero(frames[0].max(1) > 0.3)
    landmarks = shot(kind="glasses")[2]
    assert landmarks[at.BROWS, 1].min() - 4 < rows.min() < rows.max() < landmarks[1, 1] + 4
