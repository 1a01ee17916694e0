"""A picture of a decision: both aligned faces, and the score on the scale that the threshold was calibrated on."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from twinlib import files
from twinlib.errors import InputError
from twinlib.verify.calibrated import Calibrated
from twinlib.verify.recognise.recogniser import Seen

WIDTH, FACE, EDGE = 720, 224, 40  # px
AXIS = (EDGE, WIDTH - EDGE, 400, 300)  # left, right, bottom and top of the curves, px
LINE, COLUMNS = 22, 92  # of text: px, and letters
Maps = dict[str, np.ndarray]
INK, GREY, PAPER = "#1a1a1a", "#767676", "#ffffff"
STRANGERS, GENUINE = "#b2560d", "#1f5fa8"  # dark enough for text on paper, apart for the colour-blind too


def draw(
    file: Path,
    found: dict[str, Any],
    seen: tuple[Seen | None, Seen | None],
    known: Calibrated | None = None,
    maps: tuple[Maps, Maps] = ({}, {}),
) -> None:
    """Write the picture as PNG.

    Args:
        file: to write, whole or not at all.
        found: the answer of `TwinVerifier.verify`.
        seen: how the two were seen; None for an embedding, which has no picture.
        known: the calibration, whose error rates are drawn along the scores.
        maps: where the network looks on each face (`Recogniser.maps`), laid over it in rows of their own.

    Raises:
        InputError: the file does not end in .png.
    """
    if file.suffix.lower() != ".png":
        raise InputError(f"--picture {file}: wanted a file that ends in .png.")
    notes = [*found["reasons"], *found["warnings"]]
    lines = [part for note in notes for part in _wrapped(note)]
    rows = list(dict.fromkeys([*maps[0], *maps[1]]))
    bottom = AXIS[2] + (FACE + 20) * len(rows)
    image = Image.new("RGB", (WIDTH, bottom + 70 + LINE * max(len(lines), 1)), PAPER)
    pen = ImageDraw.Draw(image)
    for i, one in enumerate(seen):
        left = EDGE + i * (WIDTH - 2 * EDGE - FACE)
        for row, name in enumerate(["", *rows]):
            top = 20 + row * (FACE + 20)
            if one is not None:
                face = Image.fromarray(np.asarray(one.pixels)).resize((FACE, FACE), Image.Resampling.BICUBIC)
                image.paste(_laid_over(face, maps[i][name]) if name in maps[i] else face, (left, top))
            pen.rectangle((left - 1, top - 1, left + FACE, top + FACE), outline=GREY)
            pen.text((WIDTH / 2, top + FACE / 2), name, INK, _font(18), anchor="mm")
    word = {True: "one person", False: "two people", None: "cannot tell"}[found["verified"]]
    pen.text((WIDTH / 2, 100), word, INK, _font(26), anchor="mm")
    pen.text((WIDTH / 2, 135), f"score {found['score']:.3f}", INK, _font(18), anchor="mm")
    pen.text((WIDTH / 2, 160), f"threshold {found['score_threshold']:.3f}", GREY, _font(16), anchor="mm")
    _scale(pen, found, known, bottom)
    for i, line in enumerate(lines):
        pen.text((EDGE, bottom + 60 + LINE * i), line, INK, _font(14))
    with files.replacing(file) as temporary:
        image.save(temporary)


def _laid_over(face: Image.Image, heat: np.ndarray) -> Image.Image:
    """A map over a grey face, its largest value in full colour."""
    share = heat / max(float(heat.max()), 1e-12)
    mask = Image.fromarray((220 * np.clip(share, 0, 1)).astype(np.uint8)).resize(face.size, Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", face.size, STRANGERS), face.convert("L").convert("RGB"), mask)


def _scale(pen: ImageDraw.ImageDraw, found: dict[str, Any], known: Calibrated | None, bottom: int) -> None:
    """Scores from −0.5 to 1: share of strangers above each, share of genuine pairs below it, threshold, this pair."""
    left, right = AXIS[:2]
    top = bottom - AXIS[2] + AXIS[3]

    def x(score: float) -> float:
        return left + (right - left) * (min(max(score, -0.5), 1.0) + 0.5) / 1.5

    if known is not None and known.scale:
        for name, colour in (("fmr", STRANGERS), ("fnmr", GENUINE)):
            curve = zip(known.scale["score"], known.scale[name], strict=True)
            pen.line([(x(score), bottom - (bottom - top) * rate) for score, rate in curve], colour, 2)
        pen.text((left, top - 42), "strangers with a higher score", STRANGERS, _font(14))
        pen.text((right, top - 42), "genuine pairs with a lower one", GENUINE, _font(14), anchor="ra")
    pen.line((left, bottom, right, bottom), GREY)
    for tick in (-0.5, 0.0, 0.5, 1.0):
        pen.text((x(tick), bottom + 6), f"{tick:g}", GREY, _font(14), anchor="ma")
    threshold, score = float(found["score_threshold"]), float(found["score"])
    for y in range(top, bottom, 8):
        pen.line((x(threshold), y, x(threshold), y + 4), GREY)
    pen.line((x(score), top - 4, x(score), bottom), INK, 3)
    pen.polygon([(x(score) - 7, top - 12), (x(score) + 7, top - 12), (x(score), top)], INK)


def _wrapped(text: str) -> list[str]:
    """A note in lines that fit."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > COLUMNS:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1].strip() else word
    return lines


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
