"""The inspector with a kernel: the script of the page asks, a `Bench` changes faces and scores them."""

import base64
import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from twinlib.errors import InputError
from twinlib.figures.inspector import page
from twinlib.figures.inspector.bench import Bench, Side, blended
from twinlib.figures.inspector.edit import Face
from twinlib.figures.inspector.shown_pairs import Inspected
from twinlib.figures.inspector.stored_maps import layer, maps_of

REDRAWN = {  # factor → name, lowest, highest, step, first value
    "yaw": ("head turn, degrees", -60.0, 60.0, 5.0, 0.0),
    "age_gap": ("age gap, years", 0.0, 12.0, 1.0, 0.0),
    "marks": ("marks", 0.0, 4.0, 0.25, 1.0),
    "asymmetry_cm": ("asymmetry, cm", 0.0, 0.2, 0.005, 0.055),
}
NO_SCORE = "The weights of this run are not here, so that this pair has no score of its own."


def payload(shown: Inspected) -> dict[str, object]:
    """What the script works on: the page's own, and the factors that a face can be drawn again with."""
    return page.payload(shown) | {"factors": REDRAWN}


class Answers:
    """Changes two faces as the script asks, and compares them.

    Args:
        shown: from `shown_pairs.inspected`.
        bench: what it works on; made from `shown` if None.
    """

    def __init__(self, shown: Inspected, bench: Bench | None = None) -> None:
        self.bench = bench or Bench(shown)

    def __call__(self, question: dict) -> dict:
        """Both faces as addresses, their score in words, and the images to choose from.

        Args:
            question: kind of pair, threshold, what the controls of the page hold, and whether to take one's `own`
                photographs.

        Raises:
            InputError: a photograph cannot be read.
        """
        q, bench = question, self.bench
        families = bench.families(q["kind"])
        family = _one_of(families, q["family"])
        firsts = bench.first(family)
        a = _one_of(firsts, q["a"])
        seconds = bench.second(a, q["kind"])
        b = _one_of(seconds, q["b"])
        if q["own"]:
            bench.a, bench.b = (Side(name=q[key], photo=q[key]) for key in ("photo_a", "photo_b"))
        else:
            redraw = {name: float(q[name]) for name in REDRAWN} if q["redraw"] else {}
            bench.a = Side(a, flip=q["flip_a"], occlude=q["occlude"], at=(0.5, q["height"]), redraw=redraw)
            bench.b = Side(b, flip=q["flip_b"])
        if q["swap"]:
            bench.swap()
        faces = [bench.face(side) for side in (bench.a, bench.b)]
        choices = {"family": (families, family), "a": (firsts, a), "b": (seconds, b)}
        return {
            "a": _address(self._overlaid(faces[0], q["layer"])),
            "b": _address(self._overlaid(faces[1], q["layer"])),
            "facts": {"a": bench.a.name, "b": bench.b.name},
            "said": self._said(faces, q),
            "choices": {name: {"all": every, "chosen": one} for name, (every, one) in choices.items()},
        }

    def _said(self, faces: list[Face], q: dict) -> str:
        if self.bench.shown.model is None:
            return NO_SCORE
        score, threshold = self.bench.score(*faces), q["threshold"]
        outcome = "" if q["own"] else f" ({page.OUTCOMES[score >= threshold, int(q['kind'] == 'genuine')]})"
        decision = "accepted as one person" if score >= threshold else "rejected"
        return f"score {score:.3f}, threshold {threshold:.3f}: {decision}{outcome}"

    def _overlaid(self, face: Face, wanted: list[str] | None) -> UInt8[np.ndarray, "S S 3"]:
        if not wanted or self.bench.shown.model is None:
            return face.crop
        maps = maps_of(self.bench.shown.model, ["face"], face.crop[None], face.boxes[None])
        found = None if maps is None else layer(maps.of("face"), *wanted)
        return face.crop if found is None else blended(face.crop, found)


def _one_of(known: list[str], wanted: str) -> str:
    if not known:
        raise InputError("no test pair of this kind. Choose another pair type.")
    return wanted if wanted in known else known[0]


def _address(pixels: UInt8[np.ndarray, "S S 3"]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
