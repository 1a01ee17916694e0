"""Who can be drawn for small tuples: images by subject, and subjects by family."""

import numpy as np

from twinlib.data.feed.trainset import TrainSet, places_of
from twinlib.errors import InputError

Subject = int | np.integer


class Subjects:
    """Who can be drawn: images by subject, and subjects by family."""

    def __init__(self, data: TrainSet, relatives: bool) -> None:
        self.of_subject = places_of(data.subject)
        self.family = np.array([data.family[rows[0]] for rows in self.of_subject])
        many = np.array([len(rows) > 1 for rows in self.of_subject])
        has_relative = np.bincount(self.family)[self.family] > 1
        self.anchors = np.flatnonzero(many & has_relative if relatives else many)
        if not len(self.anchors) or data.subjects < 2:
            what = " that has a relative" if relatives else ""
            raise InputError(f"sampler: no training subject with two images{what}; check manifest.csv.")

    def two_images(self, rng: np.random.Generator, subject: Subject) -> list[int]:
        """Two different images of a subject."""
        return rng.choice(self.of_subject[subject], 2, replace=False).tolist()

    def image(self, rng: np.random.Generator, subject: Subject) -> int:
        """An image of a subject."""
        return int(rng.choice(self.of_subject[subject]))

    def relative(self, rng: np.random.Generator, subject: Subject) -> int:
        """Another subject of the family."""
        same = np.flatnonzero(self.family == self.family[subject])
        return int(rng.choice(same[same != subject]))

    def stranger(self, rng: np.random.Generator, subject: Subject) -> int:
        """A subject of another family."""
        others = np.flatnonzero(self.family != self.family[subject])
        if not len(others):
            raise InputError("sampler: the training split has one family only, so nobody in it has a stranger.")
        return int(rng.choice(others))
