"""Do two photographs show one person? The public class, built on everything else."""

import time
from collections.abc import Iterable, Sequence, Sized
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, SupportsFloat, cast

import numpy as np
from jaxtyping import Float

from twinlib import files
from twinlib.errors import InputError
from twinlib.progress import progress
from twinlib.ranges import DISTANCE, threshold_on
from twinlib.verify import calibrated
from twinlib.verify.answer import Embedded, answer
from twinlib.verify.inputs import Face, embedding_of, key_of, labelled, pixels_of, several
from twinlib.verify.recognise.recogniser import Recogniser, Seen

BATCH = 64  # photographs that are held at a time, as crops
TRAIN = "Install it with: pip install 'twinlib[train,landmarks]'."
NO_THRESHOLD = "this network has no threshold. Calibrate it on pairs (twinlib calibrate), or pass one."


class TwinVerifier:
    """Embeds faces and compares them.

    Colours are RGB throughout. With `align="landmarks"` any photograph goes in: its largest central face is found at
    any of the four right angles and laid on the template; a photograph without a face is refused. With `align="none"`
    only crops that are aligned already go in, of exactly the network's size; nothing is checked.

    Args:
        recogniser: looks at photographs and embeds them.
        calibration: threshold of this recogniser.
    """

    def __init__(self, recogniser: Recogniser, calibration: calibrated.Calibrated | None = None) -> None:
        self.recogniser, self.calibration = recogniser, calibration

    @classmethod
    def from_pretrained(
        cls,
        path_or_id: str | Path | None = None,
        revision: str | None = None,
        local_files_only: bool = False,
        align: str = "landmarks",
        device: str = "auto",
    ) -> "TwinVerifier":
        """A verifier of the networks that ship, or of a trained network with its `calibration.json`, if there is one.

        Args:
            path_or_id: folder, safetensors file, bundled model, or `owner/name` on the Hugging Face hub. By default
                the pair that ships, YuNet and SFace, with a threshold for strangers chosen on LFW: no torch, no
                download.
            revision: of a hub model: branch, tag or commit.
            local_files_only: never contact the hub.
            align: landmarks or none.
            device: auto, cpu or cuda; the pair that ships computes on one core of the CPU.

        Raises:
            InputError: the files are missing or do not fit together, or the alignment is unknown.
        """
        if align not in ("landmarks", "none"):
            raise InputError(f"align {align!r} is unknown; known: landmarks, none.")
        if path_or_id is None:
            from twinlib.verify.recognise.pair import ShippedPair

            return cls(ShippedPair(align), calibrated.shipped() if align == "landmarks" else None)
        try:
            from twinlib.train.stored.origin import located
            from twinlib.train.stored.pretrained import WEIGHTS, load
            from twinlib.verify.recognise.by_network import Trained
        except ModuleNotFoundError as error:
            raise InputError(f"{path_or_id}: a trained network needs {error.name}. {TRAIN}") from error
        place = located(path_or_id, revision, local_files_only)
        file = place / WEIGHTS if place.is_dir() else place
        net = load(place)
        digest = files.sha256(file)
        return cls(Trained(net, align, device, digest), calibrated.read(file.parent, digest))

    def __enter__(self) -> "TwinVerifier":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the detector; the next photograph starts another."""
        self.recogniser.close()

    def embed(self, images: Face | Iterable[Face]) -> Float[np.ndarray, "N E"]:
        """Embeddings of one image or several, of unit length, float32.

        Only a few photographs are in memory at a time; a bar on standard error shows how far a long list is.

        Args:
            images: see `inputs`; embeddings pass through. A list or tuple of numbers is one embedding; any other list,
                tuple or iterator holds several images.

        Raises:
            InputError: an image cannot be read, shows no face, or is no crop of the right size; or there is none.
        """
        faces = cast("Iterable[Face]", images) if several(images) else [cast("Face", images)]
        total = len(faces) if isinstance(faces, Sized) else None
        if total is None or total > BATCH:
            faces = progress(faces, total, "embedding", "image")
        named = ((f"image {i}", face) for i, face in enumerate(faces))
        vectors: list[np.ndarray] = []
        while part := list(islice(named, BATCH)):
            vectors += [one.vector for one in self.embedded(part)]
        if not vectors:
            raise InputError("images: the list is empty. Pass one image or more.")
        return np.stack(vectors)

    def compare(self, a: Float[np.ndarray, "*N E"], b: Float[np.ndarray, "*N F"]) -> Float[np.ndarray, "*N"] | float:
        """Scores of embeddings, row by row: cosines in [-1, 1], higher = more alike.

        Raises:
            InputError: if they are of different networks.
        """
        a, b = (np.asarray(x, np.float64) for x in (a, b))
        if a.shape[-1] != b.shape[-1]:
            raise InputError(f"embeddings: {a.shape[-1]} and {b.shape[-1]} numbers are of different networks.")
        return (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))

    def verify(
        self, a: Face, b: Face, threshold: SupportsFloat | None = None, names: tuple[str, str] = ("a", "b")
    ) -> dict[str, Any]:
        """Whether two images show one person; no answer where a face is too small or cut too far to tell.

        Args:
            a: an image or an embedding.
            b: the other.
            threshold: largest distance (1 − score) that is accepted, 0 to 2; by default that of the calibration. A
                score that reaches the threshold is accepted.
            names: what to call the two in messages.

        Returns:
            verified (None: abstained), distance, threshold, model, detector_backend, similarity_metric, facial_areas,
            time as deepface gives them; and score, score_threshold, threshold_source, threshold_on, fmr_at_threshold,
            fnmr_at_threshold (None if unknown), fmr_by_kind, abstained, reasons, warnings, faces, see_also.

        Raises:
            InputError: as `embed`, no threshold at all or one out of range, or a calibration of other crops.
        """
        return self.decide(a, b, threshold, names)[0]

    def decide(
        self, a: Face, b: Face, threshold: SupportsFloat | None = None, names: tuple[str, str] = ("a", "b")
    ) -> tuple[dict[str, Any], tuple[Seen | None, Seen | None]]:
        """The answer of `verify`, and how the two images were seen, for a picture of the decision."""
        began = time.perf_counter()
        limit = None if threshold is None else threshold_on(DISTANCE, threshold)
        self.refuse_without_threshold(limit)
        one, other = self.embedded(list(zip(names, (a, b), strict=True)))
        found = self.judged(limit, dict(zip(names, (one, other), strict=True)))
        return found | {"time": round(time.perf_counter() - began, 3)}, (one.seen, other.seen)

    def refuse_without_threshold(self, limit: float | None) -> None:
        """Refuse before any photograph is read.

        Raises:
            InputError: no threshold at all, or a calibration of other crops.
        """
        if limit is None:
            if self.calibration is None:
                raise InputError(NO_THRESHOLD)
            calibrated.refuse_other_crops(self.calibration, self.recogniser.align)

    def judged(self, limit: float | None, pair: dict[str, Embedded]) -> dict[str, Any]:
        """The answer about two embedded inputs, by what they are called; see `verify`."""
        one, other = pair.values()
        return answer(self.recogniser, self.calibration, limit, float(self.compare(one.vector, other.vector)), pair)

    def calibrate(
        self, pairs: Iterable[tuple[Face, Face, int]], target_fmr: float = 1e-3, folder: Path | None = None
    ) -> calibrated.Calibrated:
        """Choose the threshold for a false match rate on labelled pairs, and use it from now on.

        The pairs are read once and may come from an iterator; an image that occurs again (an equal path or
        equal content) is embedded once. Only embeddings stay in memory.

        Args:
            pairs: image, image, and 1 if they show one person, else 0.
            target_fmr: false match rate wanted, a fraction.
            folder: where to write `calibration.json`; nowhere if None.

        Raises:
            InputError: as `embed`, a row that is no such triple, a pair twice, or too few impostor pairs; the message
                says how many are needed.
        """
        rows: dict[object, int] = {}
        seen: dict[tuple[int, ...], int] = {}
        vectors: list[np.ndarray] = []
        todo: list[tuple[str, Face]] = []
        table: list[list[int]] = []
        total = len(pairs) if isinstance(pairs, Sized) else None
        shown = pairs if total is not None and total <= BATCH else progress(pairs, total, "calibrating", "pair")
        for i, pair in enumerate(shown):
            *faces, same = labelled(pair, f"pair {i}")
            keys = [key_of(face) for face in faces]
            for side, (key, face) in enumerate(zip(keys, faces, strict=True), 1):
                if key not in rows:
                    rows[key] = len(rows)
                    todo.append((f"pair {i}, image {side}", face))
            ends = sorted(rows[key] for key in keys)
            if (first := seen.setdefault(tuple(ends), i)) != i:
                raise InputError(f"pair {i}: the images of pair {first} again. Keep one.")
            table.append([*ends, same])
            if len(todo) >= BATCH:
                vectors += [one.vector for one in self.embedded(todo)]
                todo = []
        vectors += [one.vector for one in self.embedded(todo)]
        if not table:
            raise InputError("pairs: the list is empty. Pass rows of image, image, 1 or 0.")
        self.calibration = self._chosen(np.stack(vectors), np.array(table), target_fmr)
        if folder is not None:
            calibrated.write(folder, self.calibration)
        return self.calibration

    def _chosen(self, e: np.ndarray, pairs: np.ndarray, fmr: float) -> calibrated.Calibrated:
        """The threshold for embeddings and rows of first, second, same."""
        import pandas as pd

        same = pairs[:, 2]
        table = pd.DataFrame({"same": same, "kind": np.where(same == 1, "genuine", "stranger")})
        parts = np.array_split(pairs, max(len(pairs) // 4096, 1))  # both sides of all pairs may not fit into memory
        scores = np.concatenate([self.compare(e[part[:, 0]], e[part[:, 1]]) for part in parts])
        of = f"{len(pairs)} pairs of {len(e)} images"
        return calibrated.choose(scores, table, fmr, "all", self.recogniser.weights, self.recogniser.align, of)

    def embedded(self, named: Sequence[tuple[str, Face]]) -> list[Embedded]:
        """Named inputs, embedded in one batch."""
        looked = [self._looked(face, name) for name, face in named]
        todo = [one.seen for one in looked if one.seen is not None]
        fresh = iter(self.recogniser.embed(todo) if todo else ())
        return [one if one.seen is None else one._replace(vector=next(fresh)) for one in looked]

    def _looked(self, face: Face, name: str) -> Embedded:
        """An embedding as it is; a photograph with its face found, not embedded yet."""
        if (vector := embedding_of(face, self.recogniser.length, name)) is not None:
            return Embedded(vector, None, "")
        pixels, odd = pixels_of(face, name)
        seen = self.recogniser.look(pixels, str(face) if isinstance(face, str | Path) else name)
        return Embedded(np.zeros(0, np.float32), seen, odd)
