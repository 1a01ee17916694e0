from dataclasses import replace

from syntwins.sets.plan import family_palette, nuisance_of, plan_families, subject_of


def test_bins_are_balanced_and_palettes_shared(tiny):
    plans = plan_families(replace(tiny, train=replace(tiny.train, mz=72)))
    train = [plan for plan in plans if plan.split == "train"][:72]
    for name, levels in (("sex", 2), ("tone_bin", 3), ("age_bin", 3)):
        values = [getattr(plan, name) for plan in train]
        assert {values.count(value) for value in values} == {72 // levels}
    assert all(sum(plan.palette == train[i].palette for plan in train) == 2 for i in range(72))
    assert len({plan.number for plan in plans}) == len(plans)


def test_families_of_one_palette_are_strangers_in_the_same_colours(tiny):
    first, second = plan_families(replace(tiny, train=replace(tiny.train, mz=4)))[:2]
    assert family_palette(tiny, first) == family_palette(tiny, second)
    a, b = subject_of(tiny, first, 0), subject_of(tiny, second, 0)
    assert a.palette == b.palette
    assert a.semantic != b.semantic


def test_images_differ_between_subjects_and_numbers(tiny):
    plan = plan_families(tiny)[0]
    images = [nuisance_of(tiny, plan, member, image) for member in (0, 1) for image in (0, 1)]
    assert len({image.seed for image in images}) == 4
    assert images[0] == nuisance_of(tiny, plan, 0, 0)


def test_triplets(tiny):
    config = replace(tiny, members=3)
    plan = plan_families(config)[0]
    assert len({subject_of(config, plan, member).complexion.own_seed for member in range(3)}) == 3
