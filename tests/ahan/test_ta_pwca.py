import pytest
import torch
from timm.models.vision_transformer import Block

from twinlib.ahan.attention import attend
from twinlib.ahan.ta_pwca import block_with_partner, choose_partner, coins, default_blocks, nearest, pair_attention
from twinlib.errors import InputError


def test_oneself_as_partner_is_self_attention():
    Q, K, V = torch.randn(3, 4, 2, 5, 8).double()
    torch.testing.assert_close(pair_attention(Q, K, V, torch.arange(4)), attend(Q, K, V), rtol=0, atol=1e-12)


def test_slow_twin():
    Q, K, V = torch.randn(3, 3, 1, 4, 2).double()
    partner = torch.tensor([2, 0, 0])
    for i, j in enumerate(partner.tolist()):
        keys, values = torch.cat([K[i, 0], K[j, 0]]), torch.cat([V[i, 0], V[j, 0]])
        wanted = torch.softmax(Q[i, 0] @ keys.T / 2**0.5, dim=1) @ values
        torch.testing.assert_close(pair_attention(Q, K, V, partner)[i, 0], wanted)


def test_gradients_reach_both_images():
    Q, K, V = torch.randn(3, 2, 1, 4, 2).requires_grad_()
    pair_attention(Q, K, V, torch.tensor([1, 1]))[0].sum().backward()


def test_a_block_paired_with_oneself_is_the_block():
    block = Block(16, 2, qkv_bias=True, qk_norm=True, init_values=0.1).double()
    X = torch.randn(3, 5, 16).double()
    torch.testing.assert_close(block_with_partner(block, X, torch.arange(3)), block(X), rtol=0, atol=1e-12)
    assert not torch.allclose(block_with_partner(block, X, torch.tensor([1, 2, 0])), block(X))


@pytest.mark.parametrize(("depth", "blocks"), [(12, (6, 7, 8, 9)), (3, (2,)), (24, tuple(range(12, 19))), (1, (1,))])
def test_default_blocks(depth, blocks):
    assert default_blocks(depth) == blocks


def test_coins_follow_seed_and_step_and_come_up_p_of_the_time():
    draws = [coins(0.3, (6, 7, 8, 9), 0, step) for step in range(2000)]
    assert draws[:5] == [coins(0.3, (6, 7, 8, 9), 0, step) for step in range(5)]
    assert sum(map(len, draws)) / 8000 == pytest.approx(0.3, abs=0.02)
    assert coins(0.0, (1, 2), 0, 0) == ()
    assert coins(1.0, (1, 2), 0, 0) == (1, 2)


def test_partners_by_policy():
    subject = torch.tensor([0, 0, 1, 1, 2, 2])
    family = torch.tensor([0, 0, 0, 0, 1, 1])
    for step in range(20):
        twin = choose_partner("twin", subject, family, 0, step)
        assert all(family[i] == family[j] and subject[i] != subject[j] for i, j in enumerate(twin[:4].tolist()))
        assert twin[4:].tolist() == [4, 5]  # no twin in the batch: oneself
        other = choose_partner("random", subject, family, 0, step)
        assert all(i != j for i, j in enumerate(other.tolist()))
    assert choose_partner("none", subject, family, 0, 0).tolist() == list(range(6))
    assert torch.equal(choose_partner("twin", subject, family, 3, 7), choose_partner("twin", subject, family, 3, 7))


def test_siblings_and_twins_are_told_apart_by_family():
    subject, family = torch.tensor([0, 1, 2, 3, 4]), torch.tensor([0, 0, 1, 1, 2])
    twins = torch.tensor([True, True, False, False, False])
    assert choose_partner("twin", subject, family, 0, 0, twins).tolist() == [1, 0, 2, 3, 4]
    assert choose_partner("sibling", subject, family, 0, 0, twins).tolist() == [0, 1, 3, 2, 4]
    with pytest.raises(InputError, match="'sibling' needs to know which families"):
        choose_partner("sibling", subject, family, 0, 0)


def test_the_hardest_partner_by_loops():
    X, subject = torch.randn(6, 5, 4), torch.tensor([0, 0, 1, 1, 2, 2])
    found = nearest(X, subject[:, None] != subject[None]).tolist()
    x = X.mean(1)
    for i in range(6):
        cosine = {j: torch.cosine_similarity(x[i], x[j], dim=0).item() for j in range(6) if subject[j] != subject[i]}
        assert found[i] == max(cosine, key=cosine.get)
    assert nearest(X, torch.zeros(6, 6, dtype=torch.bool)).tolist() == list(range(6))


def test_an_unknown_policy_lists_the_known_ones():
    with pytest.raises(InputError, match="'twins' is unknown; known: twin, sibling, random, none, hard"):
        choose_partner.__wrapped__("twins", torch.arange(2), torch.arange(2), 0, 0)
