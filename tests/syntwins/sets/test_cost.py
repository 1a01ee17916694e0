from dataclasses import replace

import pandas as pd
import pytest

from syntwins import SETS
from syntwins.sets.cost import expected_cost, texture_side
from twinlib.data.manifest import read_manifest
from twinlib.paths import results_dir


def test_the_counts_are_those_of_the_rendered_set(tiny, tiny_folder):
    cost, images = expected_cost(tiny), read_manifest(tiny_folder).images
    assert (cost.families, cost.subjects) == (images.family.nunique(), images.subject.nunique())
    assert cost.images == len(images)
    on_disk = sum(path.stat().st_size for path in (tiny_folder / "images").rglob("*.jpg"))
    on_disk += (tiny_folder / "truth.npz").stat().st_size
    assert cost.megabytes == pytest.approx(on_disk / 1e6, rel=0.5)


def test_cost_grows_with_images_subjects_and_pixels():
    base = SETS["default"]
    twice = replace(base, **{split: replace(base.split(split), images=2 * base.split(split).images)
                             for split in ("train", "validation", "test")})  # fmt: skip
    seconds = lambda config: expected_cost(config).core_seconds  # noqa: E731
    textures = seconds(base) - (seconds(twice) - seconds(base))
    assert textures == pytest.approx(0.03 * expected_cost(base).subjects)
    assert seconds(replace(base, members=4)) == pytest.approx(2 * seconds(base))
    assert seconds(replace(base, size=224)) > 1.5 * seconds(base)
    assert "core minutes" in str(expected_cost(base))


@pytest.mark.parametrize("size", [112, 160, 224])
def test_the_constants_are_near_what_was_measured(size):
    measured = pd.read_csv(results_dir() / "benchmarks/syntwins_speed.csv").set_index("what")["cpu"]
    one = replace(SETS["smoke"], size=size)
    more = replace(one, test=replace(one.test, images=one.test.images + 1))
    image = (expected_cost(more).core_seconds - expected_cost(one).core_seconds) / (2 * 12)
    assert image == pytest.approx(measured[f"image of {size} px"], rel=0.3)
    assert texture_side(size) == (512 if size <= 160 else 1024)
