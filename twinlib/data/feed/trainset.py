"""Aligned crops of the training split as arrays, and the batches of twin groups drawn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from twinlib.data.feed import seeds
from twinlib.data.leakage import inputs
from twinlib.data.manifest import Manifest
from twinlib.errors import InputError
from twinlib.faces.align import five_points
from twinlib.faces.find import Faces


@runtime_checkable
class Crops(Protocol):
    """What acts as an array [M, S, S, 3] of RGB crops and gives those of some rows."""

    shape: tuple[int, ...]

    def __getitem__(self, rows: object) -> UInt8[np.ndarray, "... S S 3"]: ...


@dataclass(frozen=True)
class TrainSet:
    """Crops and labels of one split.

    Attributes:
        crops: RGB crops of all splits, memory-mapped or decoded when needed; `rows` picks ours.
        boxes: detector's region boxes of all splits, (x0, y0, x1, y1) in [0, 1] of the crop.
        rows: row of each image in `crops`.
        subject: 0 … S−1.
        family: 0 … F−1.
        twins: whether the image is of one of identical twins.
        columns: of left eye, right eye and tip of the nose in the crop, px; None if not known.
        names: of the images, as in the manifest; None if not known.
    """

    crops: UInt8[np.ndarray, "M S S 3"] | Crops
    boxes: Float[np.ndarray, "M R 4"]
    rows: Int[np.ndarray, " N"]
    subject: Int[np.ndarray, " N"]
    family: Int[np.ndarray, " N"]
    twins: Bool[np.ndarray, " N"]
    columns: Float[np.ndarray, "N 3"] | None = None
    names: np.ndarray | None = None

    @property
    def subjects(self) -> int:
        """Number of identities."""
        return int(self.subject.max()) + 1

    def named(self, picked: Int[np.ndarray, " B"]) -> list[str]:
        """Names of some images, for messages; their row among the crops where no names are known."""
        return [f"row {row}" for row in self.rows[picked]] if self.names is None else list(self.names[picked])


def train_set(
    manifest: Manifest,
    faces: Faces,
    split: str = "train",
    families: int | None = None,
    relations: Sequence[str] | None = None,
) -> TrainSet:
    """Training images of a data set: detector crops only; images without a found face are left out of training.

    Args:
        manifest: of the data set.
        faces: its detector output.
        split: train, validation or test.
        families: of each relation, keep the first so many, in the order of their names; all if None.
        relations: keep families of these; all if None.

    Raises:
        InputError: if no image is left.
    """
    table = inputs(manifest.split(split), ["subject", "family", "relation"])  # all that training reads of a manifest
    found = (faces.frame["status"] == "found").to_numpy()[table.index]
    table = table[found]
    if relations is not None:
        table = table[table["relation"].isin(relations)]
    if families is not None:
        first = [sorted(part.unique())[:families] for _, part in table["family"].groupby(table["relation"])]
        table = table[table["family"].isin([name for names in first for name in names])]
    if not len(table):
        wanted = "" if relations is None else f" of a relation among {', '.join(relations)} (data.relations)"
        raise InputError(f"{manifest.root.name}: its split {split!r} has no image with a found face{wanted}.")
    subject = np.unique(table["subject"].astype(str), return_inverse=True)[1]
    family = np.unique(table["family"].astype(str), return_inverse=True)[1]
    rows = table.index.to_numpy()
    twins = (table["relation"] == "mz").to_numpy()
    names = faces.frame["image"].astype(str).to_numpy()[rows]
    return TrainSet(faces.crops, faces.boxes, rows, subject, family, twins, _columns(faces, rows), names)


def places_of(labels: Int[np.ndarray, " N"]) -> list[Int[np.ndarray, " n"]]:
    """Positions of each of the labels 0 … L−1, rising; in the time of one sort, however many labels there are."""
    return np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1])


def _columns(faces: Faces, rows: Int[np.ndarray, " N"]) -> Float[np.ndarray, "N 3"]:
    """Columns of the eyes' centres and the tip of the nose in the crops, from the detector's landmarks."""
    points = np.stack([five_points(faces.landmarks[row])[:3] for row in rows]) if len(rows) else np.empty((0, 3, 2))
    return np.einsum("nj,npj->np", faces.matrix[rows, 0, :2], points) + faces.matrix[rows, 0, 2:]


class TwinBatches:
    """Batches of twin groups: `groups` families, two subjects each, `images` crops a subject.

    A batch is a function of (seed, step) alone, so that a run resumed at any step sees what it would have seen.
    Families come in a new random order in each epoch; a subject with too few images repeats some.

    Args:
        data: the training set.
        groups: families in a batch.
        images: images of each subject.
        seed: of all draws.

    Raises:
        InputError: if no family has two subjects (the message says what to do).
    """

    def __init__(self, data: TrainSet, groups: int, images: int, seed: int) -> None:
        self.groups, self.images, self.seed = groups, images, seed
        self.of_subject = places_of(data.subject)
        families = places_of(data.family[[rows[0] for rows in self.of_subject]])
        self.families = [subjects for subjects in families if len(subjects) >= 2]
        if not self.families:
            raise InputError(
                "the training images have no family with two subjects; check `family` in manifest.csv, or choose "
                "another sampler: identities or shuffled."
            )

    def batch(self, step: int) -> Int[np.ndarray, " B"]:
        """Indices into the training set's arrays, B = 2 · groups · images, group by group."""
        rng = np.random.default_rng([self.seed, seeds.PICKED, step])
        picked: list[np.ndarray] = []
        for place in range(step * self.groups, (step + 1) * self.groups):
            epoch, position = divmod(place, len(self.families))
            order = np.random.default_rng([self.seed, seeds.ORDER, epoch]).permutation(len(self.families))
            for subject in rng.permutation(self.families[order[position]])[:2]:
                pool = self.of_subject[subject]
                picked.append(rng.choice(pool, self.images, replace=len(pool) < self.images))
        return np.concatenate(picked)


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
