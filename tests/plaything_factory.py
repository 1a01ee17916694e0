"""A studio and a game with made-up networks and plain pictures: what their pages need, without a renderer."""

import itertools

import numpy as np
from PIL import Image

from twinlib.measure.exact import exact_rate
from twinlib.verify.studio.stored import strip_name
from twinlib.verify.studio.turned import FACTORS, FAMILIES, START

NETWORKS = [
    {"words": "SFace", "source": "photographs", "threshold": 0.6},
    {"words": "AHAN", "source": "ahan-made-up", "threshold": 0.5},
    {"words": "plain ViT", "source": "vit-made-up", "threshold": 0.415},
    {"words": "blind", "source": "nothing", "threshold": 0.9},
]


class Blind:
    """A recogniser that nobody asks."""

    name, detector, align, weights, length = "blind", "none", "none", "", 2

    def look(self, pixels, name):
        raise AssertionError

    embed = maps = look

    def described(self):
        return {}

    def close(self):
        pass


def score(network, family, asymmetry, marks, divergence, age, yaw):
    """Falls with every factor, more for some networks; the blind one sees nothing."""
    if network == 3:
        return None if (asymmetry, marks) == (2, 2) else 0.95
    falls = asymmetry * 0.07 + marks * 0.09 + divergence * 0.05 + age * 0.03 + yaw * 0.04
    return round(0.83 - falls * (1 + network / 4) - family * 0.01, 4)


def make_studio(folder):
    """Strips in `folder` and the numbers of a studio."""
    for family in FAMILIES:
        (folder / family).mkdir(parents=True)
        for d, age, yaw in itertools.product(range(3), repeat=3):
            sheet = np.zeros((480, 480, 3), np.uint8)
            for i, j in itertools.product(range(3), repeat=2):
                sheet[i * 160 : (i + 1) * 160, j * 160 : (j + 1) * 160] = (
                    60 + 60 * i,
                    60 + 60 * j,
                    40 + 20 * (d + age),
                )
            for name in {strip_name("b", d, age, yaw), strip_name("a", d)}:
                Image.fromarray(sheet).save(folder / family / name, "WEBP", method=0)
    steps = list(itertools.product(range(3), repeat=5))  # divergence, age, yaw, asymmetry, marks
    return {
        "factors": {
            key: {"words": factor.words, "steps": [factor.said(v) for v in factor.values],
                  "start": factor.values.index(START[key])}
            for key, factor in FACTORS.items()
        },
        "networks": NETWORKS,
        "families": {name: family.words for name, family in FAMILIES.items()},
        "scores": {
            name: [[score(n, i, a, m, d, age, yaw) for d, age, yaw, a, m in steps] for n in range(len(NETWORKS))]
            for i, name in enumerate(FAMILIES)
        },
    }  # fmt: skip


def make_game(folder, pairs=64):
    """Pictures in `folder` and the numbers of a game in which SFace is always right and AHAN always wrong."""
    folder.mkdir(parents=True)
    told = []
    for number in range(pairs):
        same = 1 - number % 2
        Image.fromarray(np.full((112, 224, 3), 80 + number, np.uint8)).save(folder / f"{number:02}.webp", "WEBP")
        marks = [[[30.0, 40.0]] * (number % 3), [[60.0, 70.0]] * (number % 2)]
        scores = [0.6 + 0.1 * (2 * same - 1), 0.5 - 0.1 * (2 * same - 1), 0.415, 0.95]
        told.append({"file": f"{number:02}.webp", "same": same, "marks": marks, "asymmetry": 0.05, "scores": scores})
    table = [[[round(end, 3) for end in exact_rate(hits, n)[1:]] for hits in range(n + 1)] for n in range(1, 11)]
    return {"networks": NETWORKS, "round": 10, "intervals": table, "pairs": told}
