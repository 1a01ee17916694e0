"""AHAN, the network of the paper: a ViT with three streams. Settings here; defaults are the paper's (P) or ours (C).

Read `attention`, `vit`, `hca`, `faam`, `ta_pwca`, then `ahan`; `maps` shows where it looks, `costs` what it costs.
"""

from dataclasses import dataclass, field
from typing import Literal

from twinlib.ranges import Count, Positive, Settings, Share


@dataclass(frozen=True)
class ViT(Settings):
    """Plain vision transformer; the defaults are ViT-B/16."""

    image_size: Count = 224  # side of the square input, px (P)
    patch: Count = 16  # side of a patch, px (P)
    width: Count = 768  # d (P)
    depth: Count = 12  # L (P)
    heads: Count = 12  # h (P)
    mlp_ratio: Positive = 4.0  # hidden width of the MLP over d (P)
    # linear patches (P), or a convolutional stem with the same grid: conv of 3×3 kernels; even of 4×4 ones, with which
    # each column sees the mirror image of what its mirror column sees (C)
    stem: Literal["patch", "conv", "even"] = "patch"
    head: Literal["cls", "mean", "grid"] = "cls"  # class token (P), mean of tokens, or each in its place: baselines (C)
    embedding: Count = 512  # E (P)
    backbone: str | None = None  # a ViT of timm, e.g. vit_base_patch16_224.augreg_in21k, instead of the sizes above (P)
    recompute: bool = False  # blocks run again in the backward pass: less memory, more time (C)


@dataclass(frozen=True)
class HCA(Settings):
    """Hierarchical cross-attention over four regions."""

    scales: tuple[Count, ...] = (1, 2, 4)  # pooling factors of the context (P)
    side: Count = 4  # query tokens along each side of a region (C)
    mlp_ratio: Positive = 4.0  # of the cross-attention blocks (C)
    find: Literal["boxes", "learned"] = "boxes"  # regions: the detector's (P), or learned places (our extension)


@dataclass(frozen=True)
class FAAM(Settings):
    """Facial asymmetry attention."""

    signed: bool = False  # A − B instead of |A − B| (our extension)
    norm: Literal["none", "token"] = "none"  # a layer norm of S would erase the size of the asymmetry (C)
    midline: Literal["centre", "landmarks"] = "centre"  # of the image (P), or of the detected face (our extension)
    pool: Literal["mean", "places"] = "mean"  # mean over places (P), or each place reduced and kept (our extension)


@dataclass(frozen=True)
class Pair(Settings):
    """Twin-aware pairwise cross-attention; training only."""

    p: Share = 0.5  # probability per block and step (P)
    blocks: tuple[Count, ...] | None = None  # counted from 1; ⌈L/2⌉ … ⌊3L/4⌋ if not given, i.e. 6–9 of 12 (P)
    partner: Literal["twin", "random", "hard", "sibling", "none"] = "twin"  # (P)


@dataclass(frozen=True)
class AHAN(ViT):
    """Global stream plus HCA, FAAM and TA-PWCA; each can be left out (null)."""

    hca: HCA | None = field(default_factory=HCA)
    faam: FAAM | None = field(default_factory=FAAM)
    pair: Pair | None = field(default_factory=Pair)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "vit": (ViT, "twinlib.ahan.vit:ViT"),
        "ahan": (AHAN, "twinlib.ahan.ahan:AHAN"),
    },
}
