"""Settings of the peers' networks; defaults are published (P) or our choice (C)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class MobileFaceNet:
    """Inverted residuals and a global depthwise convolution, 1 M parameters."""

    image_size: int = 112  # height of the input, px; a multiple of 16 (P)
    width: int = 64  # channels of the first layers; later ones have twice, the last eight times as many (P)
    blocks: tuple[int, int, int] = (5, 6, 2)  # bottlenecks of each resolution (P)
    form: Literal["prelu", "relu6"] = "prelu"  # activation, and what follows the stem (P: prelu)
    narrow: bool = False  # the input lacks a seventh of its columns: 96 of 112 (P: both are published)
    embedding: int = 128  # E (P)
