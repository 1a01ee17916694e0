"""The only attention of the project: every module that attends uses `attend`."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from twinlib.errors import InputError


def attend(
    Q: Float[Tensor, "B h N c"], K: Float[Tensor, "B h M c"], V: Float[Tensor, "B h M c"]
) -> Float[Tensor, "B h N c"]:
    r"""Scaled dot-product attention, :math:`\mathrm{softmax}(Q K^\top / \sqrt{c})\, V`, head by head."""
    return scaled_dot_product_attention(Q, K, V)


def attention_map(Q: Float[Tensor, "B h N c"], K: Float[Tensor, "B h M c"]) -> Float[Tensor, "B h N M"]:
    """The weights that `attend` never writes out; rows sum to 1. For pictures, not for training."""
    return (Q @ K.transpose(-2, -1) * Q.shape[-1] ** -0.5).softmax(dim=-1)


def split_heads(x: Float[Tensor, "B N d"], heads: int) -> Float[Tensor, "B h N c"]:
    """From d numbers a token to h heads of d / h."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def join_heads(x: Float[Tensor, "B h N c"]) -> Float[Tensor, "B N d"]:
    """The inverse of `split_heads`."""
    return x.transpose(1, 2).flatten(2)


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

    def forward(self, x: Float[Tensor, "B N d"], context: Float[Tensor, "B M d"]) -> Float[Tensor, "B N d"]:
        """What each token of x reads from the context."""
        return self.proj(join_heads(attend(*self.project(x, context))))
