import pytest
import tiny_backbones  # noqa: F401 - registers them
import torch
from golden_files import golden, relative
from torch.nn.functional import normalize

from twinlib import config
from twinlib.ahan.attention import CrossAttention, attention_map, join_heads, split_heads
from twinlib.ahan.rollout import with_class_token
from twinlib.ahan.ta_pwca import pair_attention
from twinlib.errors import InputError
from twinlib.methods.dcal.dcal import DCAL, Uncertainty, uncertainty_weighted

VIT = {"image_size": 32, "patch": 8, "width": 16, "depth": 2, "heads": 2, "mlp_ratio": 2.0, "embedding": 8}


@pytest.fixture
def data():
    return {key: torch.from_numpy(value) for key, value in golden("dcal").items()}


def test_global_local_attention_against_the_golden_vectors(data):
    D, H = data["x1"].shape[2], data["attn"].shape[2]
    layer = CrossAttention(D, H).double()
    layer.load_state_dict({
        "to_q.weight": data["gl_q_w"], "to_q.bias": data["gl_q_b"],
        "to_kv.weight": torch.cat([data["gl_k_w"], data["gl_v_w"]]),
        "to_kv.bias": torch.cat([data["gl_k_b"], data["gl_v_b"]]),
        "proj.weight": data["gl_o_w"], "proj.bias": data["gl_o_b"],
    })  # fmt: skip
    queries = with_class_token(data["x1"], data["gl_index"])[:, 1:]
    assert relative(layer(queries, data["x1"]).detach(), data["gl_out"].numpy()) < 1e-9
    Q, K, _ = layer.project(queries, data["x1"])
    assert relative(attention_map(Q, K).detach(), data["gl_attn"].numpy()) < 1e-9


def test_pairwise_attention_against_the_golden_vectors(data):
    H, B = data["attn"].shape[2], len(data["x1"])
    both = torch.cat([data["x1"], data["x2"]])
    Q, K, V = (split_heads(x, H) for x in (both @ data["pw_qkv_w"].T + data["pw_qkv_b"]).chunk(3, dim=2))
    for partner, wanted in ((torch.arange(2 * B).roll(B), "pw_out"), (torch.arange(2 * B), "pw_out_same")):
        out = join_heads(pair_attention(Q, K, V, partner)) @ data["pw_proj_w"].T + data["pw_proj_b"]
        assert relative(out[:B], data[wanted].numpy()) < 1e-9


def test_without_a_distractor_the_pairwise_branch_is_the_plain_one():
    net = DCAL(config.DCAL(**VIT)).double().train()
    x = torch.randn(4, 3, 32, 32, dtype=torch.float64)
    e, extra = net(x, wanted=("glca", "pwca"))
    torch.testing.assert_close(extra["pwca"], e)
    other = net(x, torch.tensor([1, 0, 3, 2]), wanted=("pwca",))[1]["pwca"]
    assert not torch.allclose(other, e)


def test_in_eval_the_cosine_is_the_mean_of_both_branches():
    net = DCAL(config.DCAL(**VIT)).double().eval()
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    e, extra = net(x, wanted=("glca",))
    assert e.shape == (2, 16)
    local = normalize(extra["glca"])
    plain = normalize(e[:, :8])
    wanted = ((plain[0] * plain[1]).sum() + (local[0] * local[1]).sum()) / 2
    torch.testing.assert_close((normalize(e)[0] * normalize(e)[1]).sum(), wanted)


def test_branches_can_be_left_out():
    net = DCAL(config.DCAL(**VIT, glca=False, pair=False)).eval()
    assert net.outputs == ()
    assert net(torch.randn(2, 3, 32, 32)).shape == (2, 8)
    assert net.plan_step(torch.tensor([0, 1]), torch.tensor([0, 0]), 0, 0) is None
    with pytest.raises(InputError, match="share must be a number above 0 and at most 1"):
        DCAL(config.DCAL(**VIT, share=0.0))


@pytest.mark.parametrize(
    ("backbone", "first"), [("tiny_reg4", 5), ("tiny_late", 5), ("tiny_distilled", 2), ("tiny_plain", 1)]
)
def test_queries_are_patches_whatever_tokens_stand_before_them(backbone, first):
    net = DCAL(config.DCAL(backbone=backbone, image_size=32, embedding=8, share=0.2)).double().eval()
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    asked = []
    net.glca.register_forward_pre_hook(lambda _, given: asked.append(given[0]))
    net(x)
    X, seen = net.look(x)
    assert seen.shape == (2, 16) == (2, X.shape[1] - first)
    best = seen.topk(3, dim=1).indices  # ⌊.2 · 16⌋
    for b in range(2):
        torch.testing.assert_close(asked[0][b], torch.stack([X[b, 0], *(X[b, first + i] for i in best[b])]))


def test_a_named_vit_trains_with_both_branches():
    net = DCAL(config.DCAL(backbone="vit_tiny_patch16_224", image_size=32, embedding=8)).train()
    assert net.glca.norm_q.normalized_shape == (192,)
    e, extra = net(torch.randn(2, 3, 32, 32), torch.tensor([1, 0]), wanted=net.outputs)
    (e + extra["glca"] + extra["pwca"]).square().sum().backward()
    assert not [name for name, p in net.named_parameters() if p.grad is None]
    with pytest.raises(InputError, match="dcal chooses parts by the class token"):
        DCAL(config.DCAL(backbone="tiny_mean", image_size=32))


VECTORS = golden("dcal")


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-5)])
def test_golden_total(dtype, tolerance):
    losses, w = (torch.tensor(VECTORS[k], dtype=dtype) for k in ("unc_losses", "unc_w"))
    assert relative(uncertainty_weighted(losses, w), VECTORS["unc_total"]) < tolerance


def test_it_starts_as_half_the_sum_and_the_best_weight_is_the_logarithm_of_the_loss():
    module = Uncertainty(3).double()
    losses = torch.tensor([0.5, 1.0, 4.0], dtype=torch.float64)
    assert module(losses).item() == pytest.approx(5.5 / 2)
    module.w.data = losses.log()
    module(losses).backward()
    torch.testing.assert_close(module.w.grad, torch.zeros(3, dtype=torch.float64))


def test_it_falls_along_its_own_gradient():
    module = Uncertainty(2)
    losses = torch.tensor([3.0, 0.2])
    before = module(losses)
    before.backward()
    module.w.data -= 0.01 * module.w.grad
    assert module(losses).item() < before.item()
