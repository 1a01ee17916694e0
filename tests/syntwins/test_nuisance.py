import numpy as np

from syntwins import Variation, sample_nuisance


def draws(variation, n=600):
    return [sample_nuisance(np.random.default_rng([1, i]), variation) for i in range(n)]


def test_the_same_stream_gives_the_same_image():
    assert sample_nuisance(np.random.default_rng(3)) == sample_nuisance(np.random.default_rng(3))


def test_draws_stay_in_their_ranges():
    wide = Variation(yaw_sd=40.0, yaw_max=75.0, age_gap=(2.0, 12.0), jpeg=(80, 82), patch=(0.3, 0.6))
    images = draws(wide)
    assert 60 < max(abs(image.yaw) for image in images) <= 75
    assert {image.jpeg for image in images} == {80, 81, 82}
    assert all(image.age_gap == 0 or 2 <= image.age_gap <= 12 for image in images)
    assert all(0.3 <= image.occluded <= 0.6 for image in images if image.occluder == "patch")


def test_shares_are_kept():
    images = draws(Variation(occluders=(("mask", 0.2), ("patch", 0.3)), aged=0.25, expressive=0.5))
    share = lambda test: np.mean([test(image) for image in images])  # noqa: E731
    assert abs(share(lambda i: i.occluder == "mask") - 0.2) < 0.06
    assert abs(share(lambda i: i.occluder == "none") - 0.5) < 0.07
    assert abs(share(lambda i: i.age_gap > 0) - 0.25) < 0.06
    assert abs(share(lambda i: i.expression == "neutral") - 0.5) < 0.07


def test_cut_off_draws_do_not_pile_up_at_the_limit():
    yaws = np.array([image.yaw for image in draws(Variation(yaw_sd=30.0, yaw_max=20.0, yaw_uniform=0.0))])
    assert (np.abs(yaws) > 19.99).mean() < 0.02
