import re

import numpy as np
import torch
from golden_files import golden, relative
from timm.models.vision_transformer import Block

from twinlib.ahan.rollout import best_patches, block_with_map, part_scores, rollout, with_class_token


def test_rollout_against_the_golden_vectors():
    data = golden("dcal")
    attn = torch.from_numpy(data["attn"])
    assert relative(rollout(list(attn)), data["rollout_last"]) < 1e-9
    assert relative(rollout(list(attn[: len(attn) // 2 + 1])), data["rollout_mid"]) < 1e-9
    assert relative(rollout(list(attn), slice(0, 1))[:, 0], data["cls_row"]) < 1e-9


def test_best_patches_against_the_golden_vectors():
    """Counted from 0 over patches; the files with `top` count tokens, so one more."""
    data = golden("dcal")
    scores = torch.from_numpy(data["cls_row"])[:, 1:]
    for key in (key for key in data if re.fullmatch(r"top_\d+", key)):
        found = best_patches(scores, int(key.split("_")[1]) / 100)
        np.testing.assert_array_equal(found.numpy() + 1, data[key])
    count = data["gl_index"].shape[1]
    np.testing.assert_array_equal(best_patches(scores, (count + 0.5) / scores.shape[1]).numpy(), data["gl_index"])


def test_part_selection_against_the_golden_vectors():
    data = golden("transfg")
    for case in (key.split("_")[0] for key in data if key.endswith("_attn")):
        scores = part_scores(list(torch.from_numpy(data[f"{case}_attn"])))
        best = scores.max(2)
        np.testing.assert_array_equal(best.indices.numpy(), data[f"{case}_index"])
        assert relative(best.values, data[f"{case}_max"]) < 1e-9
        chosen = with_class_token(torch.from_numpy(data[f"{case}_hidden"]), best.indices)
        np.testing.assert_array_equal(chosen.numpy(), data[f"{case}_selected"])


def test_rollout_rows_sum_to_1_and_one_block_without_attention_to_others_changes_nothing():
    A = torch.rand(3, 2, 4, 5, 5, dtype=torch.float64).softmax(-1)
    torch.testing.assert_close(rollout(list(A)).sum(-1), torch.ones(2, 5, dtype=torch.float64))
    itself = torch.eye(5, dtype=torch.float64).expand(2, 4, 5, 5)
    torch.testing.assert_close(rollout([*A, itself]), rollout(list(A)))


def test_a_block_gives_what_timm_gives_and_its_attention():
    block, X = Block(16, 2).double().eval(), torch.randn(2, 5, 16, dtype=torch.float64)
    out, A = block_with_map(block, X)
    torch.testing.assert_close(out, block(X))
    torch.testing.assert_close(A.sum(-1), torch.ones(2, 2, 5, dtype=torch.float64))


def test_a_small_share_is_still_one_patch():
    assert best_patches(torch.rand(2, 9), 0.01).shape == (2, 1)
