import json
import re
import subprocess
import sys
from pathlib import Path

import bad_files
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import convolve

from twinlib.data.check import facts
from twinlib.data.check.facts import (
    NEAR,
    FactStep,
    conflicts,
    crop_sharpness,
    exact_groups,
    fingerprint,
    near_groups,
    sharpness,
    verdicts,
)
from twinlib.data.check.inventory import facts_of
from twinlib.faces.photos import list_photos

# In a process of its own, because the largest memory a process ever had does not fall again.
CODE = """
import json, resource, sys
from pathlib import Path
from twinlib.data.check.inventory import facts_of
from twinlib.faces.photos import list_photos
source = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = facts_of(list_photos(source), Path(sys.argv[2]), workers=1)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([grown / 1024, *(table[name].tolist() for name in ("readable", "reason", "odd"))]))
"""


def test_sharpness_is_the_variance_of_the_laplacian():
    grey = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    expected = convolve(grey.astype(float), kernel)[1:-1, 1:-1].var()
    assert sharpness(grey) == pytest.approx(expected, rel=1e-5)
    assert sharpness(np.zeros((2, 9), np.uint8)) == 0


def test_blurring_lowers_sharpness_whatever_the_size():
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    plain = Image.fromarray(noise)
    soft = plain.resize((60, 60)).resize((300, 300), Image.Resampling.BICUBIC)
    crops = np.stack([np.asarray(plain), np.asarray(soft)])
    sharp, blurred = crop_sharpness(crops)
    assert blurred < sharp / 10


def distance(a, b) -> int:
    return int(np.unpackbits(fingerprint(a.convert("L")) ^ fingerprint(b.convert("L"))).sum())


def test_fingerprint_survives_what_copying_does_and_tells_pictures_apart():
    one, other = bad_files.picture(1, 300, 360), bad_files.picture(2, 300, 360)
    assert distance(one, one.resize((100, 120))) <= 20
    assert distance(one, one.point(lambda v: int(v * 0.8))) <= 20
    assert distance(one, other) > 60


def test_fingerprint_bits_by_hand():
    cells = np.zeros((16, 17), np.uint8)
    cells[0] = np.arange(17) * 10  # every cell of the first row is brighter than the one before it
    bits = np.unpackbits(fingerprint(Image.fromarray(cells)))
    assert bits[:16].all()
    assert not bits[16:].any()


def test_verdicts_by_hand():
    table = {
        "readable": np.array([True, True, True, False]),
        "width": np.array([200, 90, 200, 1]),
        "height": np.array([200, 200, 200, 1]),
        "sharpness": np.array([100.0, 5.0, 100.0, 0.0]),
        "brightness": np.array([120.0, 120.0, 20.0, 0.0]),
        "contrast": np.array([50.0, 50.0, 3.0, 0.0]),
        "dark_share": np.array([0.0, 0.0, 0.9, 1.0]),
        "bright_share": np.array([0.0, 0.6, 0.0, 0.0]),
    }
    found = {name: np.flatnonzero(hit).tolist() for name, hit in verdicts(table).items()}
    assert found == {"small": [1], "blurred": [1], "dark": [2], "bright": [1], "flat": [2]}
    assert set(found) == set(facts.limits_said())


def test_sixty_bad_files_are_told_and_none_ends_the_run(tmp_path):
    bad, good = bad_files.bad(tmp_path / "in"), bad_files.good(tmp_path / "in")
    assert len(bad) >= 60
    command = [sys.executable, "-c", CODE, str(tmp_path / "in"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    grown_mb, readable, reason, odd = json.loads(done.stdout)
    names = list_photos(tmp_path / "in").images
    outcome = {name: (readable[i], reason[i], odd[i]) for i, name in enumerate(names)}
    assert set(outcome) == set(bad) | set(good)
    for name, said in bad.items():
        was_read, why, _ = outcome[name]
        assert not was_read, name
        assert re.search(said, why), (name, why)
        assert why.rstrip().endswith("."), (name, why)  # ends in the remedy, a sentence
        assert str(tmp_path) not in why
    for name, said in good.items():
        was_read, why, note = outcome[name]
        assert was_read, (name, why)
        assert said in note
        assert bool(said) == bool(note)
    # the largest picture, 45 megapixels, has 135 MB; reading and turning it takes three to four times as much (460)
    assert grown_mb < 600, f"memory grew by {grown_mb:.0f} MB"


def test_measuring_again_reads_nothing(tmp_path, monkeypatch):
    bad_files.good(tmp_path / "in")
    photos = list_photos(tmp_path / "in")
    first = facts_of(photos, tmp_path / "out")
    monkeypatch.setattr(FactStep, "row", None)  # any work would fail
    again = facts_of(photos, tmp_path / "out")
    assert set(first) == set(again)
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])


def prints(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


def flipped(print_: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    values = np.unpackbits(print_)
    values[np.random.default_rng(seed).choice(256, bits, replace=False)] ^= 1
    return np.packbits(values)


def as_sets(groups) -> list[set[int]]:
    return [set(group.tolist()) for group in groups]


def test_exact_groups_by_hand():
    hashes = np.array(["a", "b", "a", "", "", "b", "c"])
    readable = np.array([True, True, True, False, False, True, True])
    assert as_sets(exact_groups(hashes, readable)) == [{0, 2}, {1, 5}]


def test_near_groups_against_all_pairs(monkeypatch):
    monkeypatch.setattr(facts, "BLOCK", 7)
    table = prints(40)
    table[5], table[30] = flipped(table[2], NEAR), flipped(table[2], NEAR + 1, seed=1)
    table[11] = table[3]
    table[12] = flipped(table[3], 3)
    readable = np.ones(40, bool)
    distance = (np.unpackbits(table[:, None] ^ table[None], axis=2)).sum(2)
    slow = {(i, j) for i in range(40) for j in range(i) if distance[i, j] <= NEAR}
    groups = near_groups(table, readable)
    assert {(i, j) for group in as_sets(groups) for i in group for j in group if j < i} == slow
    assert as_sets(groups) == [{2, 5}, {3, 11, 12}]


def test_one_picture_is_linked_by_way_of_another():
    table = prints(3)
    table[1], table[2] = flipped(table[0], 15), flipped(flipped(table[0], 15), 15, seed=5)
    assert as_sets(near_groups(table, np.ones(3, bool))) == [{0, 1, 2}]


def test_unreadable_and_structureless_pictures_are_left_out():
    table = np.zeros((4, 32), np.uint8)
    assert near_groups(table, np.ones(4, bool)) == []
    table = np.repeat(prints(1), 4, axis=0)
    assert as_sets(near_groups(table, np.array([True, True, False, True]))) == [{0, 1, 3}]
    assert near_groups(prints(0), np.zeros(0, bool)) == []


def test_conflicts_are_groups_under_two_values():
    table = pd.DataFrame({"subject": ["a", "a", "b", "", "c"]})
    groups = [np.array(rows) for rows in ([0, 1], [1, 2], [2, 3], [3, 4])]
    assert as_sets(conflicts(groups, table, "subject")) == [{1, 2}]
