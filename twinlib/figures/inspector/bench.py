"""What the form with a kernel works on: two faces, what was done to them, and what the network makes of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import UInt8

from twinlib.errors import InputError
from twinlib.faces.images import Photo
from twinlib.figures.inspector.edit import Face, aligned, flipped, occluded, rerendered
from twinlib.figures.inspector.shown_pairs import Inspected

KIND_RELATION = {"twin": ("mz",), "sibling": ("dz", "sibling")}


@dataclass
class Side:
    """One of the two faces.

    Attributes:
        name: image of the data set, or of the reader's own photograph.
        photo: the reader's own; None for an image of the data set.
        flip: mirrored.
        occlude: side of a grey square over the middle of the face, in [0, 1]; 0 is none.
        at: middle of the square.
        redraw: factors to draw the image again with, as `edit.rerendered` takes them.
    """

    name: str = ""
    photo: Photo | None = None
    flip: bool = False
    occlude: float = 0.0
    at: tuple[float, float] = (0.5, 0.5)
    redraw: dict[str, float] = field(default_factory=dict)


class Bench:
    """Two sides and a network.

    Args:
        shown: from `pairs.inspected`.
        detect: finds and aligns a face of a photograph.
    """

    def __init__(self, shown: Inspected, detect: Callable[[Photo, int], Face] = aligned) -> None:
        self.shown, self.a, self.b = shown, Side(), Side()
        self.images = shown.manifest.split("test").reset_index(names="row").set_index("image")
        self._detect = detect

    def families(self, kind: str) -> list[str]:
        """Test families that have pairs of a kind."""
        rows = self.images[
            self.images["relation"].isin(KIND_RELATION.get(kind, tuple(self.images["relation"].unique())))
        ]
        return sorted(rows["family"].unique())

    def first(self, family: str) -> list[str]:
        """Images of a family."""
        return sorted(self.images.index[self.images["family"] == family])

    def second(self, image: str, kind: str) -> list[str]:
        """Images that make a pair of a kind with an image: of one person, of the twin or sibling, or of strangers."""
        own, others = self.images.loc[image], self.images
        same_family = others["family"] == own["family"]
        wanted = {
            "genuine": (others["subject"] == own["subject"]) & (others.index != image),
            "stranger": ~same_family,
        }.get(kind, same_family & (others["subject"] != own["subject"]))
        return sorted(others.index[wanted])

    def swap(self) -> None:
        """Exchange the sides."""
        self.a, self.b = self.b, self.a

    def face(self, side: Side) -> Face:
        """A side as the network sees it, with everything that was done to it."""
        size = self.shown.faces.crops.shape[1]
        if side.photo is not None:
            face = self._detect(side.photo, size)
        elif side.redraw:
            face = self._detect(rerendered(self.shown.manifest, side.name, **side.redraw), size)
        else:
            row = int(self.images["row"][side.name])
            face = Face(np.asarray(self.shown.faces.crops[row]), self.shown.faces.boxes[row])
        face = flipped(face) if side.flip else face
        return occluded(face, *side.at, side.occlude) if side.occlude else face

    def score(self, a: Face, b: Face) -> float:
        """Cosine of the two embeddings, rounded as records store it.

        Raises:
            InputError: the network's weights are not on this machine.
        """
        if self.shown.model is None:
            raise InputError("the weights of this run are not here; run the experiment again to compare new pictures.")
        from twinlib.models.features import embed

        crops, boxes = np.stack([a.crop, b.crop]), np.stack([a.boxes, b.boxes])
        e = embed(self.shown.model, crops, [0, 1], "cpu", boxes=boxes)
        return float(f"{e[0] @ e[1]:.6f}")


def blended(crop: UInt8[np.ndarray, "S S 3"], heat: UInt8[np.ndarray, "H W"]) -> UInt8[np.ndarray, "S S 3"]:
    """A map laid over a crop in orange, the stronger the higher the value (0 … 255)."""
    from PIL import Image

    size = crop.shape[1], crop.shape[0]
    weight = np.asarray(Image.fromarray(np.asarray(heat, np.uint8)).resize(size, Image.Resampling.BILINEAR))
    alpha = weight[..., None] / 255 * 0.78
    return np.round((1 - alpha) * crop + alpha * np.array([255, 100, 0])).astype(np.uint8)
