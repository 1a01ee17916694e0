"""Renders images over the whole range of knobs and nuisances and prints a hash of each: pixels and truth."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from syntwins.draw.render import prepare, render_image
from syntwins.draw.strips import KNOBS, NUISANCES, QUIET, SAME
from syntwins.identity import sample_subject
from syntwins.sets.threads import one_thread

SIZE = 112


def shots() -> Iterator[tuple]:
    """Name, subject and nuisance: both ends of each nuisance and every cover, and twins at the end of each knob."""
    for family, (name, row) in enumerate(NUISANCES.items()):
        subject = sample_subject(family, 0, replace(SAME, marks=3.0, own_texture=True))
        for i, change in enumerate(row):
            if name == "cover" or i in (0, len(row) - 1):
                usual = {"blur": 0.5, "noise": 0.008, "jpeg": 90, "seed": family}
                yield f"{name}, {i}", subject, replace(QUIET, **usual | change)
    for family, (name, row) in enumerate(KNOBS.items()):
        yield name, sample_subject(100 + family, 1, replace(SAME, **row[-1])), replace(QUIET, yaw=20.0, age_gap=9.0)


def hashes() -> dict[str, str]:
    """Hash of each image's file and truth."""
    found = {}
    with one_thread():
        for name, subject, nuisance in shots():
            image = render_image(prepare(subject, SIZE), nuisance, SIZE)
            content = hashlib.sha256(image.jpeg)
            for part in (image.landmarks, image.visible, np.float32(image.occluded), image.part, image.marks):
                content.update(np.ascontiguousarray(part).tobytes())
            found[name] = content.hexdigest()[:16]
    return found


if __name__ == "__main__":
    print(json.dumps(hashes(), indent=1, ensure_ascii=False))
