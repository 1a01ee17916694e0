"""Any recogniser's ONNX file as a function from crops to embeddings, or the reason why it cannot be one."""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.audit.given.presets import Preset
from twinlib.errors import InputError
from twinlib.machine.onnx_session import failures, onnx_session
from twinlib.models.preprocess import Preprocess

BATCH = 16  # images a run, where the file takes any number
TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
LEAST = 8  # numbers of an embedding: shorter outputs are scores or boxes
WORDS = ("tensor(string)", "tensor(bool)")  # outputs that are no numbers
SAME = 0.99  # cosine of one picture's embeddings in two calls. Our choice: arithmetic in eight bits moves them by less


class OnnxFile:
    """A network of one picture in, one embedding out; a thread for each core.

    It takes files with weights among the graph's inputs, with further outputs, without a batch axis, with a
    fixed batch, with channels last, with float16 or bytes as input.

    Args:
        file: ONNX.
        preset: the input it expects.

    Raises:
        InputError: no such file or no ONNX, another size than the preset's, several pictures or other things as
            input, or no or several outputs that can be an embedding; what was found is named.
    """

    def __init__(self, file: Path, preset: Preset) -> None:
        self.file, self.preset, self._session = file, preset, onnx_session(file)
        self._pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)))
        taken = self._session.get_inputs()
        if len(taken) != 1:
            found = ", ".join(f"{one.name} {one.shape}" for one in taken)
            raise InputError(f"{file}: wanted one input, found {len(taken)}: {found}. Export it with pictures alone.")
        self._name, shape = taken[0].name, list(taken[0].shape)
        if taken[0].type not in TYPES:
            found = f"wanted an input of float, double, float16 or uint8, found {taken[0].type}"
            raise InputError(f"{file}: {found}. Export it with pictures as float.")
        self._type = TYPES[taken[0].type]
        if self._type is np.uint8 and _scaled(preset.preprocess):
            raise InputError(f"{file} takes bytes, which the preset scales. Use --input sface, or a .json without.")
        self._last, self._batch = _layout(file, shape, preset)
        self._output = self._embedding()
        self.notes = self._odd(shape)

    def __call__(self, crops: UInt8[np.ndarray, "N S S 3"]) -> Float[np.ndarray, "N E"]:
        """Embeddings as the network gives them, float32.

        Raises:
            InputError: the network fails on a picture.
        """
        x = self.preset.preprocess(crops).astype(self._type)
        x, step = np.moveaxis(x, 1, -1) if self._last else x, self._batch or 1
        parts = [np.ascontiguousarray(x[start : start + step]) for start in range(0, len(x), step)]
        return np.concatenate(list(self._pool.map(self._run, parts))).astype(np.float32)

    def refuse_unsteady(self) -> None:
        """Refuse a network whose embedding of a picture depends on its batch (dropout, batch statistics).

        Raises:
            InputError: it does, or fails on a picture.
        """
        size = self.preset.preprocess.size
        crops = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)
        e, again = (self(one)[0].astype(np.float64) for one in (crops, crops[[0, 0]]))
        size = float(np.linalg.norm(e) * np.linalg.norm(again))
        cosine = e @ again / size if size else math.nan
        if cosine < SAME:  # false for NaN: such an embedding is named with its picture
            said = f"one picture got two embeddings with a cosine of {cosine:.2f}"
            raise InputError(
                f"{self.file}: {said}. Export it in evaluation mode, without dropout and batch statistics."
            )

    def _run(self, x: np.ndarray) -> np.ndarray:
        try:
            if self._batch is None:
                return np.asarray(self._session.run([self._output], {self._name: x[0]})[0]).reshape(1, -1)
            missing = self._batch - len(x) if _fixed(self._session.get_inputs()[0].shape) else 0
            padded = np.concatenate([x, np.repeat(x[-1:], missing, axis=0)])
            found = np.asarray(self._session.run([self._output], {self._name: padded})[0])
        except failures() as error:
            raise InputError(f"{self.file} fails on a picture: {str(error).splitlines()[0][:200]}") from error
        if found.shape[:1] != (len(padded),):
            given = f"{len(padded)} pictures it gives {list(found.shape)}"
            raise InputError(f"{self.file}: for {given}. Export it with a batch axis that is free, or fixed at 1.")
        return found.reshape(len(padded), -1)[: len(x)]

    def _embedding(self) -> str:
        """Name of the output that is a vector for each picture."""
        outputs = self._session.get_outputs()
        fits = [one.name for one in outputs if one.type not in WORDS and _vector(one.shape, self._batch is None)]
        if len(fits) == 1 or (fits and len(outputs) == 1):
            return fits[0]
        found = ", ".join(f"{one.name} {one.shape} of {one.type}" for one in outputs)
        wanted = "wanted one output with a vector for each picture"
        raise InputError(f"{self.file}: {wanted}, found {len(fits)} among: {found}. Keep the embedding alone.")

    def _odd(self, shape: Sequence[object]) -> list[str]:
        weights, outputs = len(self._session.get_overridable_initializers()), len(self._session.get_outputs())
        found = {
            f"{weights} of its inputs are weights; they were taken as constants": weights > 0,
            f"{outputs} outputs; {self._output} was taken": outputs > 1,
            "the channels are the last axis": self._last,
            "there is no batch axis": self._batch is None,
            f"the batch is fixed at {shape[0]}": self._batch is not None and _fixed(shape) and shape[0] != 1,
        }
        return [text for text, so in found.items() if so]


def _layout(file: Path, shape: list[Any], preset: Preset) -> tuple[bool, int | None]:
    """Whether the channels are the last axis, and the batch size (None: no batch axis)."""
    wide = preset.preprocess.columns or (0, preset.preprocess.size)
    size = [preset.preprocess.size, wide[1] - wide[0]]
    picture = shape if len(shape) == 3 else shape[1:]
    for last, wanted in ((False, [3, *size]), (True, [*size, 3])):
        if len(picture) == 3 and all(not isinstance(f, int) or f == w for f, w in zip(picture, wanted, strict=True)):
            batch = None if len(shape) == 3 else shape[0] if _fixed(shape) else BATCH
            return last, batch
    wanted = f"3 × {size[0]} × {size[1]} (or channels last)"
    raise InputError(f"{file}: the preset gives pictures of {wanted}, the file takes {shape}. Choose another --input.")


def _fixed(shape: Sequence[object]) -> bool:
    """Whether the batch has a size; some exporters write -1 or 0 for a free one."""
    return isinstance(shape[0], int) and shape[0] > 0


def _vector(shape: list[object], single: bool) -> bool:
    """Whether an output is one vector for each picture; sides of 1 do not count."""
    sides = [side for side in (shape if single else shape[1:]) if side != 1]
    return len(sides) == 1 and (not isinstance(sides[0], int) or sides[0] >= LEAST)


def _scaled(wanted: Preprocess) -> bool:
    return any(wanted.mean) or any(one != 1 for one in wanted.std)
