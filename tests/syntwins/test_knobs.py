import json
from dataclasses import replace

import pytest

from syntwins import PRESETS, SETS, Families, Knobs, Variation
from syntwins.knobs import parse_config, plain
from twinlib.errors import InputError
from twinlib.files import hash_of


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: Knobs(divergence=-1.0), "Knobs.divergence"),
        (lambda: Knobs(asymmetry_cm=0.6), "Knobs.asymmetry_cm"),
        (lambda: Knobs(marks=float("nan")), "Knobs.marks"),
        (lambda: Variation(yaw_max=90.0), "Variation.yaw_max"),
        (lambda: Variation(noise=(0.1, 0.05)), "Variation.noise"),
        (lambda: Variation(age_gap=(0.0, 13.0)), "Variation.age_gap"),
        (lambda: Variation(occluders=(("hat", 0.1),)), "Variation.occluders"),
        (lambda: Variation(occluders=(("mask", 0.7), ("patch", 0.4))), "Variation.occluders"),
        (lambda: Families(mz=-1, dz=0, sibling=0, images=4), "Families.mz"),
        (lambda: Families(mz=1, dz=0, sibling=0, images=0), "Families.images"),
        (lambda: replace(SETS["smoke"], size=20), "SetConfig.size must be a whole number from 48 to 512, got 20"),
        (lambda: replace(SETS["smoke"], name="a/b"), "SetConfig.name must be letters"),
    ],
)
def test_bad_values_are_refused_by_name(build, name):
    with pytest.raises(InputError, match=name):
        build()


def test_every_knob_changes_the_hash_of_the_configuration():
    base = SETS["smoke"]
    others = [replace(base, knobs=knobs) for knobs in PRESETS.values()] + [replace(base, seed=12)]
    others += [replace(base, knobs=Knobs(own_texture=False)), replace(base, variation=Variation(blur=0.5))]
    hashes = [hash_of(plain(config)) for config in (base, *others)]
    assert len(set(hashes)) == len(hashes) - 1  # the preset `calibrated` is the default


def test_a_configuration_reads_back_as_it_was_written():
    for config in SETS.values():
        assert parse_config(json.loads(json.dumps(plain(config)))) == config
    with pytest.raises(InputError, match=r"not the configuration.*'knobs'"):
        parse_config({"name": "x"})
    with pytest.raises(InputError, match="size"):
        parse_config(plain(SETS["smoke"]) | {"size": 1})
