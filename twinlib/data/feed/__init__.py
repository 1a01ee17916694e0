"""What training eats: arrays of crops, augmentation, samplers, targets. Settings of the samplers that no paper owns.

A sampler fills batches of 2 · `train.groups` · `train.images_per_subject` images, or as near as it can.
"""

from dataclasses import dataclass

from twinlib.ranges import Positive, Settings


@dataclass(frozen=True)
class Twins(Settings):
    """Twin groups only: `train.groups` families, two subjects each, `train.images_per_subject` images a subject."""


@dataclass(frozen=True)
class TwinsAndSingles(Settings):
    """Twin groups, and groups of one subject without a twin."""

    ratio: Positive = 3.0  # twin groups to single groups, over an epoch (P)


@dataclass(frozen=True)
class Identities(Settings):
    """P × K: 2 · `train.groups` subjects, whoever they are, `train.images_per_subject` images each."""


@dataclass(frozen=True)
class Shuffled(Settings):
    """Every image once an epoch, in random order."""


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "sampler": {
        "twins": (Twins, "twinlib.data.feed.samplers:TwinGroups.of"),
        "twins_and_singles": (TwinsAndSingles, "twinlib.data.feed.samplers:TwinsAndSingles.of"),
        "identities": (Identities, "twinlib.data.feed.samplers:Identities.of"),
        "shuffled": (Shuffled, "twinlib.data.feed.samplers:Shuffled.of"),
    },
}
