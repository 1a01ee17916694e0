"""Settings of the networks; defaults are the paper's (P) or our choice (C)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ViT:
    """Plain vision transformer; the defaults are ViT-B/16."""

    image_size: int = 224  # side of the square input, px (P)
    patch: int = 16  # side of a patch, px (P)
    width: int = 768  # d (P)
    depth: int = 12  # L (P)
    heads: int = 12  # h (P)
    mlp_ratio: float = 4.0  # hidden width of the MLP over d (P)
    stem: Literal["patch", "conv"] = "patch"  # linear patches (P) or a small convolutional stem with the same grid (C)
    head: Literal["cls", "grid"] = "cls"  # class token (P) or every token in its place, an honest baseline (C)
    embedding: int = 512  # E (P)


MODELS: dict[str, type] = {"vit": ViT}
