"""The pair of networks that ships: YuNet finds the face, SFace embeds it. No torch, no mediapipe, no download."""

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.errors import InputError
from twinlib.faces.crops import whole
from twinlib.faces.detect.search import Found, find
from twinlib.faces.detect.weights import SFACE
from twinlib.faces.detect.yunet import YuNet
from twinlib.verify.recognise.pair_facts import look
from twinlib.verify.recognise.recogniser import Seen
from twinlib.verify.recognise.rules import judged
from twinlib.verify.recognise.sface import LENGTH, SIZE, SFace

NO_FACE = "no face found. Choose another photograph, or pass an aligned crop with align='none' (--align none)."


class ShippedPair:
    """YuNet and SFace as a `Recogniser`; safe to call from several threads at once.

    Args:
        align: landmarks finds the face, none takes crops of 112 × 112 px that are aligned already.

    Raises:
        InputError: OpenCV or onnxruntime is missing, or a shipped file is damaged.
    """

    name: str = "SFace"
    weights: str = SFACE.sha256
    length: int | None = LENGTH

    def __init__(self, align: str = "landmarks") -> None:
        self.align, self.detector = align, "yunet" if align == "landmarks" else "skip"
        self._detector, self._network = YuNet() if align == "landmarks" else None, SFace()

    def look(self, pixels: UInt8[np.ndarray, "H W 3"], name: str) -> Seen:
        """Find, align and judge the face of a photograph.

        Args:
            pixels: RGB.
            name: what to call it in messages.

        Raises:
            InputError: no face, or no crop of 112 × 112 px.
        """
        if self._detector is None:
            crop = whole(pixels, name, SIZE)
            return Seen(crop, crop)
        found = find(pixels, self._detector)
        if found is None:
            raise InputError(f"{name}: {NO_FACE}")
        crop, facts = look(pixels, found)
        return Seen(crop, crop, area_of(found), facts, *judged(facts))

    def embed(self, seen: list[Seen]) -> Float[np.ndarray, "N 128"]:
        """Embeddings of unit length, float32."""
        return self._network.embed(np.stack([one.crop for one in seen]))

    def maps(self, seen: Seen) -> dict[str, Float[np.ndarray, "h w"]]:
        """None: SFace has no attention."""
        return {}

    def described(self) -> dict[str, object]:
        """Network and input, as JSON."""
        shape = {"size": SIZE, "channels": "RGB", "mean": [0.0] * 3, "std": [1.0] * 3}
        return {"model": self.name, "parameters": None, "input": shape}

    def close(self) -> None:
        """Nothing to free."""


def area_of(found: Found) -> dict[str, int]:
    """Box of a face, px of the photograph."""
    low, high = found.box[:2], found.box[2:]
    x, y, w, h = (round(float(value)) for value in (*low, *(high - low)))
    return {"x": x, "y": y, "w": w, "h": h}
