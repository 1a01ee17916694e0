"""What a verifier needs of a recogniser: to look at a photograph, and to embed what it saw."""

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.verify.recognise.pair_facts import Facts


@dataclass(frozen=True)
class Seen:
    """A photograph that was looked at.

    Attributes:
        crop: what the network takes.
        pixels: the aligned face, for pictures.
        area: where the face is, px of the upright photograph: x, y, w, h; None for a crop that was passed.
        facts: the face in numbers; None where no detector looked or saw one.
        warnings: what makes an answer less reliable.
        reasons: why there must be no answer.
    """

    crop: Any
    pixels: UInt8[np.ndarray, "S S 3"]
    area: dict[str, int] | None = None
    facts: Facts | None = None
    warnings: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@runtime_checkable
class Recogniser(Protocol):
    """From photographs to embeddings.

    Attributes:
        name: of the network.
        detector: as answers name it.
        align: landmarks (photographs go in) or none (aligned crops go in).
        weights: SHA-256 of the network's file.
        length: of an embedding; None if it is not known yet.
    """

    name: str
    detector: str
    align: str
    weights: str
    length: int | None

    def look(self, pixels: UInt8[np.ndarray, "H W 3"], name: str) -> Seen:
        """Find and align the face of a photograph.

        Raises:
            InputError: no face, or no crop of the right size.
        """

    def embed(self, seen: list[Seen]) -> Float[np.ndarray, "N E"]:
        """Embeddings of unit length, float32."""

    def maps(self, seen: Seen) -> dict[str, Float[np.ndarray, "h w"]]:
        """Where the network looks on the aligned face, by name; empty if it cannot tell."""

    def described(self) -> dict[str, object]:
        """Network and input, as JSON."""

    def close(self) -> None:
        """Free its resources."""
