import pytest
import torch
from train_fixtures import colours, tiny

from twinlib import arithmetic as precision
from twinlib.train.loop import train


def weights(folder, wanted):
    return train(
        tiny("vit", f"train.precision={wanted}", "train.passes=32", "train.warmup=0"), colours(), "r", folder, "cpu"
    ).model.state_dict()


def test_where_there_is_no_bf16_a_run_is_that_of_single_precision(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "has_bf16", lambda device: False)
    single, half = weights(tmp_path / "a", "fp32"), weights(tmp_path / "b", "bf16")
    assert single.keys() == half.keys()
    assert all(torch.equal(single[name], half[name]) for name in single)


@pytest.mark.parametrize(
    ("able", "wanted"),
    [
        ({"architecture": "x86_64", "avx512_bf16": True, "amx_bf16": False}, "bf16"),
        ({"architecture": "x86_64", "avx512_bf16": False, "amx_bf16": True}, "bf16"),
        ({"architecture": "x86_64", "avx512_bf16": False, "amx_bf16": False}, "fp32"),
        ({"architecture": "aarch64"}, "bf16"),
    ],
)
def test_a_cpu_computes_in_what_it_has(able, wanted, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert precision.arithmetic("bf16", "cpu") == wanted
    assert precision.arithmetic("fp32", "cpu") == "fp32"
    assert precision.arithmetic("bf16", "cuda") == "bf16"
    with precision.autocast("bf16", "cpu"):
        assert torch.is_autocast_enabled("cpu") == (wanted == "bf16")
