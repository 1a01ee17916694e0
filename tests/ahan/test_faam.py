import pytest
import torch
from torch import nn

from twinlib.ahan.faam import FAAM, midline_of, split_mirror
from twinlib.errors import InputError


def random_parameters(module):
    for p in module.parameters():
        nn.init.normal_(p, std=0.5)
    return module.double()


def test_tokens_correspond_row_by_row():
    F = torch.arange(2 * 3 * 5.0).reshape(1, 3, 10, 1)[:, :, :5]  # columns 0..4: the middle one is dropped
    L, R = split_mirror(F)
    assert L.flatten().tolist() == [0, 1, 10, 11, 20, 21]
    assert R.flatten().tolist() == [4, 3, 14, 13, 24, 23]


def slow(faam, F):
    """Row by row, head by head, from the formula."""
    d, h = F.shape[3], faam.attn.heads
    L, R = (faam.norm(x) for x in split_mirror(F))

    def attn(x, context):
        q, (k, v) = faam.attn.to_q(x), faam.attn.to_kv(context).split(d, dim=2)
        out = torch.empty_like(x)
        for b in range(len(x)):
            for i in range(h):
                c = slice(i * d // h, (i + 1) * d // h)
                out[b, :, c] = torch.softmax(q[b, :, c] @ k[b, :, c].T / (d / h) ** 0.5, 1) @ v[b, :, c]
        return faam.attn.proj(out)

    return (attn(L, R) - attn(R, L)).abs().mean(1)


@pytest.mark.parametrize("size", [(4, 4), (5, 7), (1, 2)])
def test_slow_twin_on_any_grid(size):
    faam, F = random_parameters(FAAM(8, 2)), torch.randn(3, *size, 8).double()
    torch.testing.assert_close(faam(F), slow(faam, F))


@pytest.mark.parametrize("norm", ["none", "token"])
def test_mirroring_changes_nothing_and_the_signed_form_changes_sign(norm):
    F = torch.randn(2, 14, 14, 32).double()
    faam = random_parameters(FAAM(32, 4, norm=norm))
    torch.testing.assert_close(faam(F), faam(F.flip(2)), rtol=0, atol=1e-12)
    signed = random_parameters(FAAM(32, 4, signed=True, norm=norm))
    torch.testing.assert_close(signed(F), -signed(F.flip(2)), rtol=0, atol=1e-12)


def test_places_kept_are_the_differences_one_by_one():
    """In order of the left half's rows; unsigned they do not know a mirror image, signed they change sign."""
    F = torch.randn(2, 4, 5, 8).double()
    faam = random_parameters(FAAM(8, 2, pool="places"))
    assert faam(F).shape == (2, faam.features(4, 5)) == (2, 16 * 4 * 2)
    for place in range(8):
        one = faam.reduce(faam.difference(F, None)[:, place])
        torch.testing.assert_close(faam(F)[:, 16 * place : 16 * (place + 1)], one)
    torch.testing.assert_close(faam(F), faam(F.flip(2)), rtol=0, atol=1e-12)
    signed = random_parameters(FAAM(8, 2, signed=True, pool="places"))
    torch.testing.assert_close(signed(F), -signed(F.flip(2)), rtol=0, atol=1e-12)


def test_under_autocast_the_difference_is_as_exact_as_without():
    """In bf16 two nearly equal halves would differ by their rounding."""
    faam = random_parameters(FAAM(8, 2)).float()
    half = torch.randn(2, 6, 3, 8)
    F = torch.cat([half, half.flip(2) + 1e-3 * torch.randn(half.shape)], dim=2)
    with torch.autocast("cpu", torch.bfloat16):
        inside = faam(F)
    assert torch.equal(inside, faam(F))


def test_a_symmetric_map_has_no_asymmetry():
    F = torch.randn(2, 6, 3, 8).double()
    faam = random_parameters(FAAM(8, 2))
    both = torch.cat([F, F.flip(2)], dim=2)
    assert faam(both).abs().max() < 1e-12
    assert faam.asymmetry_map(both).shape == (2, 6, 3)


def test_size_of_the_asymmetry_is_kept_without_norm_and_erased_with_it():
    F = torch.randn(1, 4, 4, 8).double()
    for norm, kept in (("none", True), ("token", False)):
        faam = random_parameters(FAAM(8, 2, norm=norm))
        small = faam(F)
        with torch.no_grad():
            faam.attn.proj.weight.mul_(10)
        assert (faam(F).norm() > 5 * small.norm()) == kept


@pytest.mark.parametrize("W", [6, 7])
def test_a_midline_in_the_middle_is_the_plain_split(W):
    F = torch.randn(2, 3, W, 4).double()
    for plain, at in zip(split_mirror(F), split_mirror(F, torch.full((2,), 0.5).double()), strict=True):
        torch.testing.assert_close(at, plain)


def test_a_shifted_face_has_its_own_midline():
    F = torch.randn(1, 3, 4, 8).double()
    whole = torch.cat([F, F.flip(2), torch.randn(1, 3, 2, 8).double()], dim=2)  # symmetric about column edge 4 of 10
    faam = random_parameters(FAAM(8, 2))
    edge = torch.tensor([0.4]).double()
    inner = faam.asymmetry_map(whole, edge)[:, :, 1:]  # the outermost place lies beyond the edge on the left
    assert inner.max() < faam.asymmetry_map(whole).max() / 2
    L, R = split_mirror(whole, edge)
    torch.testing.assert_close(L.unflatten(1, (3, 5))[:, :, 1:], R.unflatten(1, (3, 5))[:, :, 1:], rtol=0, atol=1e-6)


def test_mirroring_map_and_midline_changes_nothing():
    faam, F, midline = random_parameters(FAAM(8, 2)), torch.randn(3, 4, 7, 8).double(), torch.rand(3).double()
    torch.testing.assert_close(faam(F, midline), faam(F.flip(2), 1 - midline), rtol=0, atol=1e-12)


def test_the_midline_is_the_middle_of_eyes_nose_and_mouth():
    boxes = torch.tensor([[0.2, 0, 0.6, 1], [0.3, 0, 0.5, 1], [0.4, 0, 0.7, 1], [0.0, 0, 0.1, 1]]).expand(2, 4, 4)
    torch.testing.assert_close(midline_of(boxes), torch.full((2,), (0.4 + 0.4 + 0.55) / 3))


def test_a_map_with_channels_first_is_the_same_map():
    last, first = random_parameters(FAAM(8, 2)), FAAM(8, 2, layout="NCHW").double()
    first.load_state_dict(last.state_dict())
    F = torch.randn(2, 5, 7, 8).double()
    assert torch.equal(first(F.permute(0, 3, 1, 2)), last(F))
    assert torch.equal(first.asymmetry_map(F.permute(0, 3, 1, 2)), last.asymmetry_map(F))


def test_one_column_is_refused():
    with pytest.raises(InputError, match="at least 2 wide, got 1"):
        FAAM(8, 2)(torch.randn(1, 4, 1, 8))
