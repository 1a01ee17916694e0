"""Where a network looks: attention and asymmetry on the token grid, and on pixels. Computed only when needed."""

from typing import NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from twinlib.ahan.ahan import AHAN
from twinlib.ahan.attention import attention_map
from twinlib.ahan.backbone import blocks_of, heads_of
from twinlib.ahan.hca import HCA
from twinlib.ahan.vit import ViT
from twinlib.data.feed.augment import flip_boxes
from twinlib.errors import InputError


class FaceMaps(NamedTuple):
    """Maps of a batch on the H × W token grid; None where the network lacks the module."""

    token: Float[Tensor, "B H W"]  # what the class token reads in the last block, heads averaged; sums to at most 1
    attention: Float[Tensor, "B R S H W"] | None  # what each region reads at each scale (HCA); sums to 1
    scales: Float[Tensor, "R S"] | None  # weight of each scale for each region; rows sum to 1
    asymmetry: Float[Tensor, "B H W"] | None  # length of S at each place and at its mirror place (FAAM)


@torch.no_grad()
def face_maps(model: ViT, images: Float[Tensor, "B 3 H W"], boxes: Float[Tensor, "B R 4"] | None = None) -> FaceMaps:
    """Every map of a network, from one pass in `eval` mode; the mode is restored.

    Args:
        model: a plain ViT, or AHAN with any of its modules.
        images: aligned RGB crops, (x − 127.5) / 127.5.
        boxes: as in `AHAN.forward`.

    Raises:
        InputError: for a network whose last tokens have no places (TransFG).
    """
    if not model.placed:
        raise InputError(f"{type(model).__name__} has no maps: its last block sees chosen tokens, not the whole grid.")
    X, before = _tokens(model, images, len(model.backbone.blocks))
    F, hca, faam = model.map(X), getattr(model, "hca", None), getattr(model, "faam", None)
    midline = model.midline(boxes) if isinstance(model, AHAN) else None
    return FaceMaps(
        token=_token_map(model, before),
        attention=None if hca is None else _attention(hca, F, boxes),
        scales=None if hca is None else hca.alpha.softmax(dim=1),
        asymmetry=None if faam is None else both_halves(faam.asymmetry_map(F, midline), F.shape[2], midline),
    )


@torch.no_grad()
def looked_at(model: nn.Module, images: Float[Tensor, "B 3 H W"], boxes: Float[Tensor, "B R 4"]) -> dict[str, Tensor]:
    """Maps of any network, "B h w" by name: what it reads, where its halves differ; empty for one that cannot say.

    A ViT tells what its class token reads, AHAN its asymmetry too, a network with the output `attention` (the
    local-global one) the gate of its places.

    Args:
        model: network of `twinlib.models`, in `eval` mode.
        images: aligned RGB crops, (x − 127.5) / 127.5.
        boxes: as in `AHAN.forward`.
    """
    if getattr(model, "placed", False):
        found = face_maps(cast("ViT", model), images, boxes)
        named = {"attention": found.token, "asymmetry": found.asymmetry}
        return {name: one for name, one in named.items() if one is not None}
    if "attention" not in getattr(model, "outputs", ()):
        return {}
    return {"attention": model(images, ("attention",))[1]["attention"][:, 0]}


@torch.no_grad()
def partner_share(
    model: ViT, images: Float[Tensor, "B 3 H W"], partner: Int[Tensor, " B"], block: int
) -> Float[Tensor, "B h w"]:
    """Share of its attention that each place would give to the partner's tokens in TA-PWCA, heads averaged.

    Args:
        model: a plain ViT or AHAN.
        images: aligned RGB crops, (x − 127.5) / 127.5.
        partner: row of each image's partner.
        block: which, counted from 1.
    """
    A = _pair_attention(model, images, partner, block)
    A = A[..., A.shape[2] :].sum(3).mean(1)
    return model.map(A[:, :, None])[..., 0]


@torch.no_grad()
def partner_reads(
    model: ViT, images: Float[Tensor, "B 3 H W"], partner: Int[Tensor, " B"], block: int
) -> tuple[Float[Tensor, "B h w"], Float[Tensor, "B h w"]]:
    """Where an image reads in TA-PWCA, in itself and in its partner: weights averaged over queries and heads.

    Args:
        model: a plain ViT or AHAN.
        images: aligned RGB crops, (x − 127.5) / 127.5.
        partner: row of each image's partner.
        block: which, counted from 1.

    Returns:
        Both maps; together, with the class tokens, they sum to 1.
    """
    A = _pair_attention(model, images, partner, block).mean((1, 2))
    own, other = A.chunk(2, dim=1)
    return model.map(own[..., None])[..., 0], model.map(other[..., None])[..., 0]


def _pair_attention(
    model: ViT, images: Float[Tensor, "B 3 H W"], partner: Int[Tensor, " B"], block: int
) -> Float[Tensor, "B heads T twice"]:
    """Weights of every query on the image's own tokens and, after them, its partner's."""
    _, X = _tokens(model, images, block)
    Q, K, _ = heads_of(blocks_of(model.backbone)[block - 1], X)
    return attention_map(Q, torch.cat([K, K[partner]], dim=2))


@torch.no_grad()
def mirror_ratio(
    model: AHAN,
    images: Float[Tensor, "B 3 H W"],
    boxes: Float[Tensor, "B 4 4"],
    other: Int[Tensor, " B"],
) -> Float[Tensor, " B"]:
    r"""How far FAAM's descriptor moves when the photograph is mirrored, over how far another face is.

    .. math:: \lVert f(x) - f(\bar x) \rVert \; / \; \lVert f(x) - f(x_{other}) \rVert

    0: blind to mirroring; 1: a mirrored face is as far as another one.

    Args:
        model: with FAAM, in `eval` mode.
        images: aligned RGB crops, (x − 127.5) / 127.5.
        boxes: region boxes.
        other: row of the other face of each.

    Raises:
        InputError: without FAAM, or if a face and its other have the same descriptor: there is nothing to compare with.
    """
    if (faam := model.faam) is None:
        raise InputError("mirror_ratio compares FAAM's descriptors, and this network has no FAAM. Give another.")
    f, mirrored = (
        faam(model.map(_tokens(model, x, 1)[0]), model.midline(b))
        for x, b in ((images, boxes), (images.flip(3), flip_boxes(boxes, torch.ones(len(boxes), dtype=torch.bool))))
    )
    apart = (f - f[other]).norm(dim=1)
    if (apart == 0).any():
        row = int((apart == 0).nonzero()[0, 0])
        raise InputError(f"mirror_ratio: images {row} and {int(other[row])} have one descriptor; give another face.")
    return (f - mirrored).norm(dim=1) / apart


def both_halves(
    half: Float[Tensor, "B H w"], width: int, midline: Float[Tensor, " B"] | None = None
) -> Float[Tensor, "B H W"]:
    """A map of the left half on both sides of the midline, 0 where nothing has a mirror place.

    Args:
        half: as `FAAM.asymmetry_map` gives it.
        width: W of the whole map.
        midline: of each face, in [0, 1] of the width; the middle if None.
    """
    middle = half.new_full((len(half),), 0.5) if midline is None else midline.to(half)
    column = torch.arange(width, dtype=half.dtype, device=half.device)
    away = (column - (middle[:, None] * width - 0.5)).abs()
    place = torch.arange(half.shape[2], dtype=half.dtype, device=half.device)
    weight = (1 - (width / 2 - 0.5 - away[:, :, None] - place).abs()).clamp(min=0)
    return torch.einsum("bjk,bhk->bhj", weight, half)


def _tokens(
    model: ViT, images: Float[Tensor, "B 3 H W"], block: int
) -> tuple[Float[Tensor, "B T d"], Float[Tensor, "B T d"]]:
    """Tokens of a pass in `eval` mode, which is undone, and the hidden states that go into a block."""
    training = model.training
    model.eval()
    before: list[Tensor] = []
    hook = model.backbone.blocks[block - 1].register_forward_pre_hook(lambda _, given: before.append(given[0]))
    try:
        return model.tokens(images), before[0]
    finally:
        hook.remove()
        model.train(training)


def _token_map(model: ViT, X: Float[Tensor, "B T d"]) -> Float[Tensor, "B H W"]:
    Q, K, _ = heads_of(blocks_of(model.backbone)[-1], X)
    if model.backbone.has_class_token:
        Q = Q[:, :, :1]
    else:  # the global stream is the mean of the patches
        Q = Q[:, :, model.backbone.num_prefix_tokens :]
    A = attention_map(Q, K).mean(1).mean(1)
    return model.map(A[:, :, None])[..., 0]


def _attention(
    hca: HCA, F: Float[Tensor, "B H W d"], boxes: Float[Tensor, "B R 4"] | None
) -> Float[Tensor, "B R S H W"]:
    """HCA's maps on the whole grid: a pooled cell's weight goes in equal parts to the tokens it averages."""
    found = []
    for A, s in zip(hca.attention(F, boxes), hca.scales, strict=True):
        rows, columns = (torch.arange(n, device=F.device) // s for n in F.shape[1:3])
        A = A[:, :, rows][:, :, :, columns]
        found.append(A / (rows.bincount()[rows][:, None] * columns.bincount()[columns]))
    return torch.stack(found, dim=2)
