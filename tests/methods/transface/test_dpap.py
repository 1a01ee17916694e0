import numpy as np
import pytest
import torch
from golden_files import golden

from twinlib.errors import InputError
from twinlib.methods.transface.dpap import dpap, mix_amplitude

VECTORS = golden("transface")


def patches(dtype):
    return (torch.tensor(VECTORS[k]).to(dtype) for k in ("mix_src", "mix_ref", "mix_lam"))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_golden_mixed_patches(dtype):
    source, reference, lam = patches(dtype)
    got = mix_amplitude(source, reference, lam, whole=True)
    np.testing.assert_array_equal(got.numpy().astype(np.uint8), VECTORS["mix_out_uint8"])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_golden_identity_within_a_grey_level(dtype):
    source, reference, lam = patches(dtype)
    got = mix_amplitude(source, reference, 0 * lam, whole=True)[0].numpy()
    assert np.abs(got - VECTORS["mix_identity_uint8"]).max() <= 1


def slow(source, reference, lam):
    out = np.empty_like(source)
    for c in range(source.shape[2]):
        F_s, F_r = np.fft.fft2(source[..., c]), np.fft.fft2(reference[..., c])
        F = ((1 - lam) * np.abs(F_s) + lam * np.abs(F_r)) * np.exp(1j * np.angle(F_s))
        out[..., c] = np.clip(np.fft.ifft2(F).real, 0, 255)
    return out


def test_slow_twin_over_images_with_a_border_beyond_the_last_patch():
    images, gates, side, p = 255 * torch.rand(5, 3, 10, 13), torch.rand(5, 6), 4, 0.5
    got = dpap(images, gates, side, torch.Generator().manual_seed(4), k=2, p=p)
    rng = torch.Generator().manual_seed(4)
    chosen = (torch.rand(5, generator=rng) < p).nonzero()[:, 0].tolist()
    which, lam = torch.randint(5 * 6, (2 * len(chosen),), generator=rng), torch.rand(2 * len(chosen), generator=rng)

    def cut(image, place):
        top, left = place // 3 * side, place % 3 * side
        return (image, slice(None), slice(top, top + side), slice(left, left + side))

    wanted = images.clone()
    targets = [cut(i, place) for i in chosen for place in gates[i].argsort(descending=True)[:2].tolist()]
    for target, other, share in zip(targets, which.tolist(), lam.tolist(), strict=True):
        s, r = (images[at].permute(1, 2, 0).double().numpy() for at in (target, cut(*divmod(other, 6))))
        wanted[target] = torch.from_numpy(slow(s, r, share)).permute(2, 0, 1).float()
    assert 0 < len(chosen) < 5
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-3)
    assert not torch.equal(got, images)


def test_no_chance_changes_nothing_and_full_chance_only_dominant_patches():
    images = 255 * torch.rand(3, 3, 9, 9)
    gates = torch.zeros(3, 9).index_fill(1, torch.tensor([4]), 1.0)  # the centre
    assert torch.equal(dpap(images, gates, 3, torch.Generator(), k=1, p=0.0), images)
    changed = (dpap(images, gates, 3, torch.Generator(), k=1, p=1.0) - images).abs().amax((0, 1)) > 1e-3
    assert changed[3:6, 3:6].any()
    changed[3:6, 3:6] = False
    assert not changed.any()


def test_more_dominant_patches_than_there_are_is_refused():
    images, rng = torch.zeros(2, 3, 8, 8), torch.Generator().manual_seed(0)
    for k, gates in ((5, 4), (0, 4), (2, 9)):
        with pytest.raises(InputError, match=rf"perturb\.k {k} must lie in 1 … 4, .* got {gates} gates"):
            dpap(images, torch.rand(2, gates), 4, rng, k, 1.0)
