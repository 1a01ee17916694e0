from collections import Counter

import numpy as np
import pandas as pd
import pytest
from train_fixtures import colours

from twinlib.data.feed.trainset import Subjects, TrainSet, TwinBatches, places_of, train_set
from twinlib.data.manifest import Manifest
from twinlib.errors import InputError
from twinlib.faces.find import Faces


def make(families=5, subjects=2, images=4):
    count = families * subjects * images
    subject = np.repeat(np.arange(families * subjects), images)
    crops, boxes = np.zeros((count, 2, 2, 3), np.uint8), np.zeros((count, 4, 4))
    return TrainSet(crops, boxes, np.arange(count), subject, subject // subjects, np.full(count, subjects > 1))


def test_batches_hold_whole_twin_groups():
    data = make()
    picked = TwinBatches(data, groups=3, images=4, seed=0).batch(7)
    assert len(picked) == 24
    for group in picked.reshape(3, 2, 4):
        assert len(set(data.family[group.ravel()])) == 1
        assert len(set(data.subject[group[0]])) == len(set(data.subject[group[1]])) == 1
        assert data.subject[group[0, 0]] != data.subject[group[1, 0]]
        assert len(set(group.ravel())) == 8


def test_an_epoch_shows_every_family_once():
    data = make(families=6)
    batches = TwinBatches(data, groups=2, images=1, seed=3)
    seen = Counter(int(f) for step in range(3) for f in data.family[batches.batch(step)[::2]])
    assert seen == Counter(range(6))


def test_a_batch_depends_on_seed_and_step_alone():
    data = make()
    a, b = TwinBatches(data, 2, 2, seed=1), TwinBatches(data, 2, 2, seed=1)
    a.batch(0)
    np.testing.assert_array_equal(a.batch(9), b.batch(9))
    assert not np.array_equal(a.batch(9), TwinBatches(data, 2, 2, seed=2).batch(9))


def test_few_images_repeat_and_triplets_give_two():
    data = make(families=2, subjects=3, images=1)
    picked = TwinBatches(data, groups=2, images=3, seed=0).batch(0)
    assert len(set(data.subject[picked])) == 4


def test_a_set_without_twins_is_refused():
    with pytest.raises(InputError, match="no family with two subjects"):
        TwinBatches(make(subjects=1), 1, 1, 0)


def kin(tmp_path):
    """Faces of two families of twins, two of siblings and a single person, two images each, one without a face."""
    kinds = {"f0": "mz", "f1": "mz", "f2": "sibling", "f3": "sibling", "f4": "single"}
    members = [(f, f"{f}-{who}", kind) for f, kind in kinds.items() for who in ("a" if kind == "single" else "ab")]
    rows = [(f"{subject}-{i}", "x", subject, f, "train", kind) for f, subject, kind in members for i in range(2)]
    images = pd.DataFrame(rows, columns=["image", "path", "subject", "family", "split", "relation"])
    n = len(images)
    frame = pd.DataFrame({"image": images.image, "status": ["found"] * (n - 1) + ["none"]})
    flat = [np.zeros((n, *shape), np.float32) for shape in ((478, 2), (2, 3), (4, 4))]
    faces = Faces(frame, *flat, np.zeros(n, bool), np.zeros((n, 2, 2, 3), np.uint8))
    return Manifest(tmp_path / "kin", images, "0"), faces


@pytest.mark.parametrize(
    ("wanted", "subjects", "families"),
    [
        ({}, 9, 5),
        ({"relations": ("mz",)}, 4, 2),
        ({"relations": ("mz", "sibling"), "families": 1}, 4, 2),
        ({"families": 1}, 5, 3),
    ],
)
def test_families_are_kept_by_their_relation_so_many_of_each(tmp_path, wanted, subjects, families):
    data = train_set(*kin(tmp_path), **wanted)
    assert (data.subjects, int(data.family.max()) + 1) == (subjects, families)
    assert data.twins.sum() == 4 * min(2, wanted.get("families", 2))
    assert sorted(np.unique(data.family[data.twins])) == list(range(min(2, wanted.get("families", 2))))
    assert len(data.rows) == len(data.twins) == 2 * subjects - (subjects in (5, 9))  # the face that was not found


def test_a_relation_that_the_set_lacks_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"kin: its split 'train' has no image .* among dz \(data\.relations\)"):
        train_set(*kin(tmp_path), relations=("dz",))


def test_places_of_labels_are_those_that_looking_for_each_finds():
    labels = np.random.default_rng(0).integers(0, 9, 200)
    for label, places in enumerate(places_of(labels)):
        np.testing.assert_array_equal(places, np.flatnonzero(labels == label))


DATA = colours(families=6, images=4, singles=3)


def test_who_is_drawn_beside_whom():
    who, rng = Subjects(DATA, relatives=True), np.random.default_rng(0)
    for subject in who.anchors:
        a, b = who.two_images(rng, subject)
        assert a != b
        assert (DATA.subject[[a, b, who.image(rng, subject)]] == subject).all()
        relative, stranger = who.relative(rng, subject), who.stranger(rng, subject)
        assert relative != subject
        assert who.family[relative] == who.family[subject] != who.family[stranger]


def test_refusals():
    with pytest.raises(InputError, match="two images that has a relative"):
        Subjects(colours(families=0, images=4, singles=3), relatives=True)
    with pytest.raises(InputError, match="no training subject with two images"):
        Subjects(colours(images=1), relatives=False)
    with pytest.raises(InputError, match="one family only"):
        Subjects(colours(families=1), relatives=True).stranger(np.random.default_rng(0), 0)
