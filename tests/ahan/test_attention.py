import pytest
import torch
from timm.layers import Attention

from twinlib.ahan import attention
from twinlib.ahan.attention import CrossAttention, attend, attention_map, join_heads, split_heads, write_out_attention
from twinlib.errors import InputError


def test_attend_is_the_formula_written_out():
    Q, K, V = torch.randn(2, 3, 5, 4).double(), torch.randn(2, 3, 7, 4).double(), torch.randn(2, 3, 7, 4).double()
    wanted = torch.empty(2, 3, 5, 4).double()
    for b in range(2):
        for h in range(3):
            for n in range(5):
                z = torch.stack([Q[b, h, n] @ K[b, h, m] / 2 for m in range(7)]).exp()
                wanted[b, h, n] = sum(z[m] / z.sum() * V[b, h, m] for m in range(7))
    torch.testing.assert_close(attend(Q, K, V), wanted)
    A = attention_map(Q, K)
    torch.testing.assert_close(A @ V, wanted)
    torch.testing.assert_close(A.sum(-1), torch.ones(2, 3, 5).double())


def test_in_bf16_on_a_cpu_attention_is_written_out_and_the_same_up_to_rounding(monkeypatch):
    Q, K, V = (torch.randn(2, 3, 50, 16) for _ in range(3))
    wanted = attend(Q, K, V)
    monkeypatch.setattr(attention, "scaled_dot_product_attention", None)  # would be called
    half = attend(Q.bfloat16(), K.bfloat16(), V.bfloat16())
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), wanted, atol=0.03, rtol=0)


def test_blocks_of_timm_written_out_say_the_same():
    block = Attention(16, num_heads=2)
    x = torch.randn(2, 5, 16)
    fused = block(x)
    write_out_attention(torch.nn.Sequential(block))
    assert not block.fused_attn
    torch.testing.assert_close(block(x), fused)


def test_heads_split_and_join_again():
    x = torch.randn(2, 5, 12)
    assert torch.equal(join_heads(split_heads(x, 3)), x)


def test_the_order_of_the_context_does_not_matter():
    attn, x, context = CrossAttention(8, 2).double(), torch.randn(2, 3, 8).double(), torch.randn(2, 6, 8).double()
    torch.testing.assert_close(attn(x, context), attn(x, context[:, torch.randperm(6)]))


def test_heads_must_divide_the_width():
    with pytest.raises(InputError, match="10 must be a multiple of heads 4"):
        CrossAttention(10, 4)
