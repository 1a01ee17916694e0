"""The only attention of the project: every module that attends uses `attend`."""

from typing import Any, Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from twinlib.errors import InputError

Layout = Literal["NHWC", "NCHW"]  # where a feature map keeps its channels


def attend(
    Q: Float[Tensor, "B h N c"], K: Float[Tensor, "B h M c"], V: Float[Tensor, "B h M c"]
) -> Float[Tensor, "B h N c"]:
    r"""Scaled dot-product attention, :math:`\mathrm{softmax}(Q K^\top / \sqrt{c})\, V`, head by head."""
    if slow_when_fused(Q):
        return attention_map(Q, K) @ V
    # Measured (benchmarks/ahan_speed.py): elsewhere never slower than the written-out product.
    return scaled_dot_product_attention(Q, K, V)


def slow_when_fused(x: Tensor) -> bool:
    """Whether torch's own attention is slow here: in bf16 on a CPU it takes four fifths longer to train through."""
    return x.dtype == torch.bfloat16 and x.device.type == "cpu"


def write_out_attention(net: nn.Module) -> None:
    """Let the blocks of `timm` in a network write their attention out, as `attend` does in bf16 on a CPU."""
    for module in net.modules():
        if hasattr(module, "fused_attn"):
            cast("Any", module).fused_attn = False


def attention_map(Q: Float[Tensor, "B h N c"], K: Float[Tensor, "B h M c"]) -> Float[Tensor, "B h N M"]:
    """The weights that `attend` never writes out; rows sum to 1. For pictures, not for training."""
    return (Q @ K.transpose(-2, -1) * Q.shape[-1] ** -0.5).softmax(dim=-1)


def split_heads(x: Float[Tensor, "B N d"], heads: int) -> Float[Tensor, "B h N c"]:
    """From d numbers a token to h heads of d / h."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def join_heads(x: Float[Tensor, "B h N c"]) -> Float[Tensor, "B N d"]:
    """The inverse of `split_heads`."""
    return x.transpose(1, 2).flatten(2)


def channels_last(F: Float[Tensor, "B _ _ _"], dim: int, layout: Layout) -> Float[Tensor, "B H W d"]:
    """A feature map with its channels last: as a ViT's token grid or a Swin has it; a ConvNeXt has them first.

    Raises:
        InputError: if the map does not have `dim` channels there.
    """
    F = F.movedim(1, 3) if layout == "NCHW" else F
    if F.shape[3] != dim:
        raise InputError(
            f"the module was made for {dim} channels, the {layout} map has {F.shape[3]}; set dim or layout."
        )
    return F


class CrossAttention(nn.Module):
    """Tokens x ask tokens of a context: projections, `attend`, output projection. Pre-norm is the caller's business.

    Args:
        dim: width d of both.
        heads: number of heads; divides d.

    Raises:
        InputError: if heads does not divide dim.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        if dim % heads:
            raise InputError(f"attention width {dim} must be a multiple of heads {heads}.")
        self.heads = heads
        self.to_q, self.to_kv, self.proj = nn.Linear(dim, dim), nn.Linear(dim, 2 * dim), nn.Linear(dim, dim)

    def project(
        self, x: Float[Tensor, "B N d"], context: Float[Tensor, "B M d"]
    ) -> tuple[Float[Tensor, "B h N c"], Float[Tensor, "B h M c"], Float[Tensor, "B h M c"]]:
        """Queries of x, keys and values of the context, head by head."""
        K, V = self.to_kv(context).chunk(2, dim=2)
        return split_heads(self.to_q(x), self.heads), split_heads(K, self.heads), split_heads(V, self.heads)

    def read(self, x: Float[Tensor, "B N d"], context: Float[Tensor, "B M d"]) -> Float[Tensor, "B N d"]:
        """What each token of x reads from the context, before the output projection."""
        return join_heads(attend(*self.project(x, context)))

    def forward(self, x: Float[Tensor, "B N d"], context: Float[Tensor, "B M d"]) -> Float[Tensor, "B N d"]:
        """What each token of x reads from the context."""
        return self.proj(self.read(x, context))

    def weights(self, x: Float[Tensor, "B N d"], context: Float[Tensor, "B M d"]) -> Float[Tensor, "B h N M"]:
        """How much each token of x reads from each token of the context; for pictures."""
        Q, K, _ = self.project(x, context)
        return attention_map(Q, K)
