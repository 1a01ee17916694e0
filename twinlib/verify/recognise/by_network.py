"""A network of `twinlib.models` as a recogniser: MediaPipe finds the face, torch embeds it."""

import numpy as np
import torch
from jaxtyping import Float, UInt8

from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES, five_points
from twinlib.faces.crops import Crop, by_detector, whole
from twinlib.faces.detect.search import Found
from twinlib.faces.detect.upright import UprightMesh
from twinlib.measure.verification import joined
from twinlib.models.features import features
from twinlib.models.network import Network
from twinlib.train.run import resolve_device
from twinlib.verify.recognise.pair import NO_FACE, area_of
from twinlib.verify.recognise.pair_facts import look
from twinlib.verify.recognise.recogniser import Seen
from twinlib.verify.recognise.rules import judged


class Trained:
    """A trained network as a `Recogniser`: embeddings are the feature plus that of the mirror image.

    Args:
        net: network with an attribute `preprocess`.
        align: landmarks or none.
        device: auto, cpu or cuda.
        weights: SHA-256 of its file.

    Raises:
        InputError: the device is not available.
    """

    def __init__(self, net: Network, align: str = "landmarks", device: str = "auto", weights: str = "") -> None:
        self.net, self.align, self.device, self.weights = net.eval(), align, resolve_device(device), weights
        self.name, self.length = type(net).__name__, None
        self.detector = "mediapipe" if align == "landmarks" else "skip"
        self._mesh: UprightMesh | None = None

    def look(self, pixels: UInt8[np.ndarray, "H W 3"], name: str) -> Seen:
        """Find, align and judge the face of a photograph, or take a crop of the network's size as it is.

        Args:
            pixels: RGB.
            name: what to call it in messages.

        Raises:
            InputError: no face, or no crop of the right size.
        """
        size = self.net.preprocess.size
        if self.align == "none":
            crop = Crop(whole(pixels, name, size), CANONICAL_BOXES, True)
            return Seen(crop, crop.pixels)
        self._mesh = self._mesh or UprightMesh()
        detection, found = self._mesh.see(pixels)
        if not detection.found:
            raise InputError(f"{name}: {NO_FACE}")
        crop = by_detector(pixels, size, lambda _: detection)
        box = np.concatenate([detection.landmarks.min(0), detection.landmarks.max(0)]).astype(np.float64)
        if found is None:  # its angle and whether it is a face at all were judged by nobody else
            found = Found(five_points(detection.landmarks), box, score=0.0, faces=detection.faces)
        _, facts = look(pixels, found)
        area = area_of(Found(found.points, box, found.score))
        return Seen(crop, crop.pixels, area, facts, *judged(facts))

    def embed(self, seen: list[Seen]) -> Float[np.ndarray, "N E"]:
        """Embeddings of unit length, float32, in one batch."""
        found = features(self.net, [one.crop for one in seen], len(seen), self.device, batch=max(len(seen), 1))
        e = joined(found.e, found.f, "sum").astype(np.float64)
        self.length = e.shape[1]
        return (e / np.linalg.norm(e, axis=1, keepdims=True)).astype(np.float32)

    def maps(self, seen: Seen) -> dict[str, Float[np.ndarray, "h w"]]:
        """What the network reads, and FAAM's asymmetry, on the token grid; empty for networks that cannot tell."""
        from twinlib.ahan.maps import looked_at

        image = torch.from_numpy(self.net.preprocess(seen.crop.pixels[None])).to(self.device)
        found = looked_at(self.net, image, torch.from_numpy(seen.crop.boxes[None]).float().to(self.device))
        return {name: one[0].float().cpu().numpy() for name, one in found.items()}

    def described(self) -> dict[str, object]:
        """Network and input, as JSON."""
        from dataclasses import asdict

        count = sum(p.numel() for p in self.net.parameters())
        return {"model": self.name, "parameters": count, "input": asdict(self.net.preprocess)}

    def close(self) -> None:
        """Free MediaPipe; the next photograph starts it again."""
        if self._mesh is not None:
            self._mesh.__exit__(None, None, None)
            self._mesh = None
