"""Pairs for a guessing game: one person twice, or identical twins, as the network's own crop shows them.

Nobody in these pairs is in any set. A crop is stored as WebP and judged as it is decoded again, so that a reader
and the networks see the same pixels.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from twinlib import files, paths
from twinlib.data import rendered
from twinlib.faces.align import Aligned, aligned, transform
from twinlib.faces.detect.upright import UprightMesh
from twinlib.measure.exact import exact_rate
from twinlib.verify.studio.judges import Judge, embeddings, judges

SIZE = 112  # px, of a crop
PAIRS, FEW = 64, 20  # FEW under the smoke profile
ROUND = 10  # pairs of one game
QUALITY = 90  # WebP
FILE = "guesses.json"
FIRST = rendered.NOBODY + 100  # number of the first family
BINS = [
    (sex, tone, age)
    for tone in ("light", "medium", "dark")
    for sex in ("female", "male")
    for age in ("young", "middle")
]


def ready(profile: str, folder: Path | None = None) -> dict:
    """The game's pairs; missing ones are drawn and judged first.

    Args:
        profile: smoke, cpu or full; decides the networks.
        folder: of the pictures; `guess` of the build if not given.

    Returns:
        As `make` writes it.
    """
    folder = folder or paths.build_dir() / "guess"
    if not (folder / FILE).is_file():
        make(folder, judges(profile, "none"), FEW if profile == "smoke" else PAIRS)
    return files.read_json(folder / FILE)


def make(folder: Path, judged: Sequence[Judge], pairs: int = PAIRS) -> None:
    """Draw and judge the pairs.

    Args:
        folder: receives one picture for each pair, both crops side by side, and `guesses.json`.
        judged: networks that take aligned crops.
        pairs: how many, half of them of one person; a pair in which no face is found is drawn again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told, decoded = [], []
    with UprightMesh() as detector:
        for number in range(pairs):
            crops, facts = _pair(number, detector)
            file = folder / f"{number:02}.webp"
            with files.replacing(file) as temporary:
                Image.fromarray(np.hstack(crops)).save(temporary, "WEBP", quality=QUALITY)
            both = np.asarray(Image.open(file).convert("RGB"))
            decoded += [both[:, :SIZE], both[:, SIZE:]]
            told.append({"file": file.name} | facts)
    for e in embeddings(judged, decoded):
        for pair, score in zip(told, (e[::2] * e[1::2]).sum(1), strict=True):
            pair.setdefault("scores", []).append(round(float(score), 4))
    files.write_json(folder / FILE, {
        "networks": [{"words": one.words, "source": one.source, "threshold": one.threshold} for one in judged],
        "round": ROUND,
        "intervals": [[[round(end, 3) for end in exact_rate(hits, asked)[1:]] for hits in range(asked + 1)]
                      for asked in range(1, ROUND + 1)],
        "pairs": told,
    })  # fmt: skip


def _pair(number: int, detector: UprightMesh) -> tuple[list[np.ndarray], dict]:
    """Two crops and the truth about them; the other twin in every second pair."""
    same, rng = number % 2 == 0, np.random.default_rng([20, number])
    people = [rendered.somebody(member, FIRST + number, BINS[number // 2 % len(BINS)]) for member in (0, int(not same))]
    for _ in range(20):  # until the detector finds both faces
        drawn = [rendered.render_image(one, rendered.sample_nuisance(rng, rendered.PLAIN)) for one in people]
        found = [detector.detect(one.pixels) for one in drawn]
        if all(one.found for one in found):
            break
    cut = [aligned(one.pixels, seen.landmarks, SIZE) for one, seen in zip(drawn, found, strict=True)]
    marks = [_seen(*side) for side in zip(people, drawn, cut, strict=True)]
    return [one.crop for one in cut], {
        "same": int(same),
        "marks": marks,
        "asymmetry": round(float(np.sqrt(((people[0].asymmetry - people[1].asymmetry) ** 2).sum(1).mean())), 3),
    }


def _seen(person: Any, drawn: Any, cut: Aligned) -> list[list[float]]:
    """Where moles and scars can be seen in the crop, px."""
    places = transform(drawn.marks.astype(np.float64).reshape(-1, 2), cut.matrix)
    inside = ((places > 2) & (places < SIZE - 2)).all(1)
    shown = places[drawn.marks_visible & inside & (person.marks.kind != rendered.FRECKLE)]
    return np.round(shown, 1).tolist()
