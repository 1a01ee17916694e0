"""Every setting of the studio, drawn once: strips of nine pictures for a page, and each network's score of each pair.

A strip holds asymmetry (down) × marks (across). The first photograph has a strip for each divergence, the second one
for each divergence, age and turn. Scores are those of the strip as it is decoded again, so that what a reader sees is
what was judged.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from twinlib import files, paths
from twinlib.progress import progress
from twinlib.verify.studio import turned
from twinlib.verify.studio.judges import Judge, embeddings, judges
from twinlib.verify.studio.turned import FACTORS, FAMILIES, SIZE, START

QUALITY = 75  # WebP
LIMIT_BYTES = 2_000_000  # of the strips of one family
FILE = "studio.json"
STEPS = range(3)
TILES = list(itertools.product(STEPS, STEPS))  # asymmetry, marks


def ready(profile: str, folder: Path | None = None, families: Sequence[str] = ()) -> dict:
    """The studio's numbers; missing strips and scores are made first.

    Args:
        profile: smoke, cpu or full; decides the networks.
        folder: of the strips; `studio` of the build if not given.
        families: of `turned.FAMILIES`; all of them, under smoke the first, if not given.

    Returns:
        As `make` writes it.
    """
    folder = folder or paths.build_dir() / "studio"
    if not (folder / FILE).is_file():
        make(folder, judges(profile), families or list(FAMILIES)[: 1 if profile == "smoke" else None])
    found = files.read_json(folder / FILE)  # its names come sorted; a page has them in the order of the sliders
    for part, order in (("factors", FACTORS), ("families", FAMILIES)):
        found[part] = {name: found[part][name] for name in order if name in found[part]}
    return found


def make(folder: Path, judged: Sequence[Judge], families: Sequence[str]) -> None:
    """Draw, store and judge every setting.

    Args:
        folder: receives one folder of strips for each family, and `studio.json`.
        judged: networks.
        families: of `turned.FAMILIES`.
    """
    scores = {}
    for name in progress(families, len(families), "drawing", "family"):
        shots = {"a": _strips(folder / name, "a", name, 1), "b": _strips(folder / name, "b", name, 3)}
        vectors = {side: embeddings(judged, tiles) for side, tiles in shots.items()}
        scores[name] = [_scores(a, b) for a, b in zip(vectors["a"], vectors["b"], strict=True)]
    files.write_json(folder / FILE, {
        "factors": {
            key: {"words": factor.words, "steps": [factor.said(value) for value in factor.values],
                  "start": factor.values.index(START[key])}
            for key, factor in FACTORS.items()
        },
        "networks": [
            {"words": one.words, "source": one.source, "threshold": one.threshold} for one in judged
        ],
        "families": {name: FAMILIES[name].words for name in families},
        "scores": scores,
    })  # fmt: skip


def strip_name(side: str, divergence: int, age: int = 0, yaw: int = 0) -> str:
    """File of a strip in its family's folder."""
    return f"a-{divergence}.webp" if side == "a" else f"b-{divergence}{age}{yaw}.webp"


def tiles_of(strip: UInt8[np.ndarray, "H W 3"]) -> list[UInt8[np.ndarray, "S S 3"]]:
    """The nine pictures of a strip."""
    return [strip[i * SIZE : (i + 1) * SIZE, j * SIZE : (j + 1) * SIZE] for i, j in TILES]


def _strips(folder: Path, side: str, name: str, steps: int) -> list[UInt8[np.ndarray, "S S 3"]]:
    """Draw and store the strips of one side; the pictures as they are decoded, in the order of the scores."""
    shot, decoded, size = turned.first if side == "a" else turned.second, [], 0
    folder.mkdir(parents=True, exist_ok=True)
    values = {key: factor.values for key, factor in FACTORS.items()}
    for divergence, age, yaw in itertools.product(STEPS, range(steps), range(steps)):
        sheet = np.zeros((3 * SIZE, 3 * SIZE, 3), np.uint8)
        for (asymmetry, marks), tile in zip(TILES, tiles_of(sheet), strict=True):
            step = {"asymmetry": asymmetry, "marks": marks, "divergence": divergence, "age": age, "yaw": yaw}
            tile[:] = shot(name, {key: values[key][i] for key, i in step.items()})
        file = folder / strip_name(side, divergence, age, yaw)
        with files.replacing(file) as temporary:
            Image.fromarray(sheet).save(temporary, "WEBP", quality=QUALITY, method=4)
        size += file.stat().st_size
        decoded += tiles_of(np.asarray(Image.open(file).convert("RGB")))
    if size > LIMIT_BYTES:
        raise ValueError(f"strips of {name} weigh {size / 1e6:.1f} MB; lower QUALITY")
    return decoded


def _scores(a: np.ndarray, b: np.ndarray) -> list[float | None]:
    """Cosines in the order divergence, age, turn, asymmetry, marks, stored with four decimals; None without a face."""
    a = a.reshape(3, 1, 1, 9, -1)
    cosine = (a * b.reshape(3, 3, 3, 9, -1)).sum(-1).ravel()
    return [None if np.isnan(value) else round(float(value), 4) for value in cosine]
