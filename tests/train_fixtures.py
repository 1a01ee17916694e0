"""A training set of coloured squares and the smallest experiment that learns to tell them apart."""

import numpy as np

from twinlib import config
from twinlib.data.feed.trainset import TrainSet

TINY = ("model.image_size=16", "data.size=16", "model.patch=8", "model.width=8", "model.heads=1", "model.depth=1",
        "model.embedding=8", "train.groups=2", "train.images_per_subject=2", "train.passes=96",
        "train.checkpoint_every=4", "train.lr=1.0e-2")  # fmt: skip


def tiny(name="vit", *overrides):
    return config.load(name, "smoke", (*TINY, *overrides))


def colours(families=3, images=5, singles=0, siblings=0):
    """A colour a subject, twins in families of two, then families of two siblings, then subjects alone in theirs."""
    rng = np.random.default_rng(0)
    pairs = families + siblings
    subjects = 2 * pairs + singles
    colour = rng.integers(40, 200, (subjects, 1, 1, 3))
    crops = np.repeat(np.broadcast_to(colour[:, None], (subjects, 1, 16, 16, 3)), images, axis=1).reshape(-1, 16, 16, 3)
    crops = (crops + rng.integers(-20, 20, crops.shape)).clip(0, 255).astype(np.uint8)
    subject = np.repeat(np.arange(subjects), images)
    family = np.where(subject < 2 * pairs, subject // 2, subject - pairs)
    boxes = np.broadcast_to([0.1, 0.2, 0.7, 0.9], (len(crops), 4, 4))
    columns = np.tile([5.0, 11.0, 8.0], (len(crops), 1))
    return TrainSet(crops, boxes, np.arange(len(crops)), subject, family, subject < 2 * families, columns)
