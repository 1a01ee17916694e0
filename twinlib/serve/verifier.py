"""Do two photographs show one person? The public class, on top of everything else."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, SupportsFloat

import numpy as np
import pandas as pd
from jaxtyping import Float
from torch import nn

from twinlib import files
from twinlib.data.align import CANONICAL_BOXES
from twinlib.data.crops import Crop, by_detector, whole
from twinlib.data.landmarks import Detection, FaceMeshDetector
from twinlib.errors import InputError
from twinlib.evaluate.checks import DISTANCE, threshold_on
from twinlib.evaluate.features import features
from twinlib.evaluate.verification import joined
from twinlib.models.pretrained import WEIGHTS, load
from twinlib.serve import calibrated
from twinlib.serve.inputs import Face, embedding_of, pixels_of
from twinlib.serve.origin import located
from twinlib.train.run import resolve_device

SMALL_FACE = 60  # px: a face this narrow is blown up for the crop. Our choice.


class _Seen(NamedTuple):
    """An input, embedded: unit vector, where the face is, and what to say about it."""

    vector: Float[np.ndarray, " E"]
    area: dict[str, int] | None
    warnings: list[str]


class TwinVerifier:
    """Embeds faces and compares them.

    Colours are RGB throughout. With `align="landmarks"` any photograph goes in: its largest central face is found and
    laid on the template; a photograph without a face is refused. With `align="none"` only crops that are aligned
    already go in, of exactly the network's size; what is passed is taken on trust.

    Args:
        net: network with an attribute `preprocess`.
        align: landmarks or none.
        device: auto, cpu or cuda.
        calibration: threshold of this network.
        weights: hash of its file, which a calibration is bound to.

    Raises:
        InputError: unknown way of aligning, or a device that is not there.
    """

    def __init__(
        self,
        net: nn.Module,
        align: str = "landmarks",
        device: str = "auto",
        calibration: calibrated.Calibrated | None = None,
        weights: str = "",
    ) -> None:
        if align not in ("landmarks", "none"):
            raise InputError(f"align {align!r} is unknown; known: landmarks, none.")
        self.net, self.align, self.device = net.eval(), align, resolve_device(device)
        self.calibration, self.weights = calibration, weights
        self._detector: FaceMeshDetector | None = None
        self._size: int | None = None

    @classmethod
    def from_pretrained(
        cls,
        path_or_id: str | Path,
        revision: str | None = None,
        local_files_only: bool = False,
        align: str = "landmarks",
        device: str = "auto",
    ) -> "TwinVerifier":
        """A verifier from `model.safetensors`, `config.json` and, if there is one, `calibration.json`.

        Args:
            path_or_id: folder, safetensors file, bundled model, or `owner/name` on the Hugging Face hub.
            revision: of a hub model: branch, tag or commit.
            local_files_only: never ask the hub.
            align: landmarks or none.
            device: auto, cpu or cuda.

        Raises:
            InputError: nothing is there, or what is there does not fit together.
        """
        place = located(path_or_id, revision, local_files_only)
        file = place / WEIGHTS if place.is_dir() else place
        net = load(place)
        digest = files.sha256(file)
        return cls(net, align, device, calibrated.read(file.parent, digest), digest)

    def __enter__(self) -> "TwinVerifier":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the detector; the next photograph starts another."""
        if self._detector is not None:
            self._detector.__exit__(None, None, None)
            self._detector = None

    def embed(self, images: Face | Sequence[Face]) -> Float[np.ndarray, "N E"]:
        """Embeddings of one image or several, of unit length, float32: feature plus feature of the mirror image.

        Args:
            images: see `inputs`; embeddings pass through.

        Raises:
            InputError: an image cannot be read, shows no face, or is no crop of the right size.
        """
        faces = list(images) if isinstance(images, list | tuple) else [images]
        return np.stack([seen.vector for seen in self._see(faces)])  # type: ignore[arg-type]

    def compare(self, a: Float[np.ndarray, "*N E"], b: Float[np.ndarray, "*N F"]) -> Float[np.ndarray, "*N"] | float:
        """Scores of embeddings, row by row: cosines in [-1, 1], higher = more alike.

        Raises:
            InputError: if they are of different networks.
        """
        a, b = (np.asarray(x, np.float64) for x in (a, b))
        if a.shape[-1] != b.shape[-1]:
            raise InputError(f"embeddings: {a.shape[-1]} and {b.shape[-1]} numbers are of different networks.")
        return (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))

    def verify(self, a: Face, b: Face, threshold: SupportsFloat | None = None) -> dict[str, object]:
        """Whether two images show one person.

        Args:
            a: an image or an embedding.
            b: the other.
            threshold: largest distance (1 − score) that is accepted, 0 to 2; by default that of the calibration. A
                score that reaches the threshold is accepted.

        Returns:
            verified, distance, threshold, model, detector_backend, similarity_metric, facial_areas, time as deepface
            gives them; and score, score_threshold, threshold_source, fmr_at_threshold (None if unknown),
            fmr_by_kind, warnings.

        Raises:
            InputError: as `embed`, no threshold at all or one out of range, or a calibration of other crops.
        """
        began = time.perf_counter()
        known = self.calibration
        limit = None if threshold is None else threshold_on(DISTANCE, threshold)
        if limit is None and known is None:
            raise InputError("this network has no threshold. Calibrate it on pairs (twinlib calibrate), or give one.")
        if own := limit is None:
            calibrated.refuse_other_crops(known, self.align)  # type: ignore[arg-type]
        one, other = self._see([a, b])
        score = float(self.compare(one.vector, other.vector))
        least, most = (known.threshold, known.distance) if own else (1 - limit, limit)  # type: ignore
        warnings = [f"{name}: {text}" for name, seen in (("a", one), ("b", other)) for text in seen.warnings]
        if own and "twin" not in known.fmr_by_kind:  # type: ignore[union-attr]
            warnings.append("the threshold was never tried on identical twins: expect more false matches of them.")
        return {
            "verified": score >= least if own else 1 - score <= most,  # rounding: each on the scale it was given in
            "distance": 1 - score,
            "threshold": most,
            "model": type(self.net).__name__,
            "detector_backend": "mediapipe" if self.align == "landmarks" else "skip",
            "similarity_metric": "cosine",
            "facial_areas": {"img1": one.area, "img2": other.area},
            "time": round(time.perf_counter() - began, 3),
            "score": score,
            "score_threshold": least,
            "threshold_source": "calibration" if own else "argument",
            "fmr_at_threshold": known.fmr if own else None,  # type: ignore[union-attr]
            "fmr_by_kind": known.fmr_by_kind if own else {},  # type: ignore[union-attr]
            "warnings": warnings,
        }

    def calibrate(
        self, pairs: Iterable[tuple[Face, Face, int]], target_fmr: float = 1e-3, folder: Path | None = None
    ) -> calibrated.Calibrated:
        """Choose the threshold for a false match rate on labelled pairs, and use it from now on.

        Args:
            pairs: image, image, and 1 if they show one person, else 0. An equal path is embedded once.
            target_fmr: false match rate wanted, a fraction.
            folder: where to write `calibration.json`; nowhere if None.

        Raises:
            InputError: as `embed`, or too few impostor pairs; the message says how many are needed.
        """
        pairs = list(pairs)
        faces: dict[object, Face] = {_key(face): face for a, b, _ in pairs for face in (a, b)}
        row = {key: i for i, key in enumerate(faces)}
        vectors = self.embed(list(faces.values()))
        ends = [[row[_key(pair[side])] for pair in pairs] for side in (0, 1)]
        same = np.array([int(pair[2]) for pair in pairs])
        table = pd.DataFrame({"same": same, "kind": np.where(same == 1, "genuine", "stranger")})
        scores = self.compare(vectors[ends[0]], vectors[ends[1]])
        self.calibration = calibrated.choose(scores, table, target_fmr, "all", self.weights, self.align)
        if folder is not None:
            calibrated.write(folder, self.calibration)
        return self.calibration

    def _see(self, faces: list[Face]) -> list[_Seen]:
        """Embed what is not embedded yet, in one batch."""
        given = [embedding_of(face, self._size) for face in faces]
        todo = [i for i, vector in enumerate(given) if vector is None]
        looked = [self._look(faces[i], f"image {i}") for i in todo]
        if looked:
            found = features(self.net, [crop for crop, _, _ in looked], len(looked), self.device)
            vectors = joined(found.e, found.f, "sum")
            self._size = vectors.shape[1]
        seen: list[_Seen] = [_Seen(vector, None, []) for vector in given]  # type: ignore[arg-type]
        for row, i in enumerate(todo):
            vector = (vectors[row] / np.linalg.norm(vectors[row])).astype(np.float32)
            seen[i] = _Seen(vector, *looked[row][1:])
        return seen

    def _look(self, face: Face, name: str) -> tuple[Crop, dict[str, int] | None, list[str]]:
        """Crop of an image, where its face is, and what to say."""
        pixels, size = pixels_of(face, name), self.net.preprocess.size
        name = str(face) if isinstance(face, str | Path) else name
        if self.align == "none":
            return Crop(whole(pixels, name, size), CANONICAL_BOXES, True), None, []
        if self._detector is None:
            self._detector = FaceMeshDetector()
        detection = self._detector.detect(pixels)
        if not detection.found:
            raise InputError(f"{name}: no face found. Choose another photograph, or a crop with align='none'.")
        area = _area(detection)
        warnings = [detection.reason] if detection.reason else []
        warnings += [f"the face is only {area['w']} px wide"] if area["w"] < SMALL_FACE else []
        return by_detector(pixels, size, lambda _: detection), area, warnings


def _area(detection: Detection) -> dict[str, int]:
    """Box around the landmarks, px of the image."""
    low, high = detection.landmarks.min(0), detection.landmarks.max(0)
    x, y, w, h = (round(float(value)) for value in (*low, *(high - low)))
    return {"x": x, "y": y, "w": w, "h": h}


def _key(face: Face) -> object:
    """What makes two inputs the same one."""
    return str(face) if isinstance(face, str | Path) else id(face)
