"""TransFace's DPAP: the amplitude spectrum of the dominant patches is mixed with that of random ones."""

from typing import TYPE_CHECKING, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from twinlib.errors import InputError
from twinlib.methods import transface

if TYPE_CHECKING:
    from twinlib.methods.transface.transface import TransFace


def mix_amplitude(
    source: Float[Tensor, "n h w c"], reference: Float[Tensor, "n h w c"], lam: Float[Tensor, " n"], whole: bool = False
) -> Float[Tensor, "n h w c"]:
    r"""Patches with the phase of the source and an amplitude between both.

    .. math:: \mathcal F^{-1}\left[\left((1-\lambda)|\mathcal F s| + \lambda|\mathcal F r|\right)
              e^{i\angle \mathcal F s}\right], \quad \text{clipped to } [0, 255]

    Args:
        source: pixels 0 to 255; any number of patches in one transform over their height and width.
        reference: what the amplitude is taken from.
        lam: λ of each patch, in [0, 1]; 0 leaves the source.
        whole: cut to whole grey levels, as the released code: even λ = 0 then darkens by up to one level.

    Source:
        Dan et al., TransFace, ICCV 2023.
    """
    F_s, F_r = (torch.fft.fft2(x, dim=(1, 2)) for x in (source, reference))
    a_s, a_r = F_s.abs(), F_r.abs()
    lam = lam.to(a_s)[:, None, None, None]
    mixed = torch.fft.ifft2(torch.polar((1 - lam) * a_s + lam * a_r, F_s.angle()), dim=(1, 2))
    out = mixed.real.clamp(0, 255)
    return out.trunc() if whole else out


def dpap(
    images: Float[Tensor, "B 3 H W"],
    gates: Float[Tensor, "B P"],
    patch: int,
    rng: torch.Generator,
    k: int = 7,
    p: float = 0.2,
    whole: bool = False,
) -> Float[Tensor, "B 3 H W"]:
    """Images some of which have their k dominant patches mixed, all in one transform.

    Args:
        images: pixels 0 to 255.
        gates: weight that the network gives each patch, row by row over ⌊H/patch⌋ × ⌊W/patch⌋; pixels beyond the last
            whole patch stay.
        patch: side of a patch, px.
        rng: CPU generator; decides the images, the patches mixed in and λ, uniform in [0, 1].
        k: dominant patches per image.
        p: probability of an image to be mixed.
        whole: cut to whole grey levels, as released.

    Raises:
        InputError: for other than a gate for each patch, or more dominant patches than there are.

    Notes:
        A reference is any patch of any image of the batch. The gates may be those of an earlier pass: the released code
        runs the network twice per step to have them fresh.
    """
    rows, columns = images.shape[2] // patch, images.shape[3] // patch
    if p > 0 and (gates.shape[1] != rows * columns or not 1 <= k <= rows * columns):
        raise InputError(
            f"perturb.k {k} must lie in 1 … {rows * columns}, the patches of {patch} px; got {gates.shape[1]} gates."
        )
    chosen = (torch.rand(len(images), generator=rng) < p).nonzero()[:, 0]
    n = len(chosen) * k
    which = torch.randint(len(images) * rows * columns, (n,), generator=rng).to(images.device)
    lam = torch.rand(n, generator=rng).to(images.device)
    if not n:
        return images
    chosen = chosen.to(images.device)
    image, place = chosen.repeat_interleave(k), gates[chosen].topk(k, dim=1).indices.flatten()
    out = images.clone()
    patches = _patches(out, patch, rows, columns)  # a view: writing to it writes into the images
    flat, other = patches[image, place // columns, place % columns], which % (rows * columns)
    reference = _patches(images, patch, rows, columns)[which // (rows * columns), other // columns, other % columns]
    mixed = mix_amplitude(flat.movedim(1, 3).float(), reference.movedim(1, 3).float(), lam, whole)
    patches[image, place // columns, place % columns] = mixed.movedim(3, 1).to(out.dtype)
    return out


def _patches(images: Tensor, patch: int, rows: int, columns: int) -> Float[Tensor, "B R S 3 h w"]:
    cut = images[:, :, : rows * patch, : columns * patch]
    return cut.unflatten(2, (rows, patch)).unflatten(4, (columns, patch)).permute(0, 2, 4, 1, 3, 5)


class DPAP:
    """TransFace's dominant patch amplitude perturbation; see `twinlib.methods.transface.dpap.dpap`.

    The gates come from a pass of the network as it stands, in evaluation mode and without gradient: it costs a forward
    pass, but touches no statistics and draws no noise.

    Args:
        cfg: probability, number of patches, rounding.
    """

    def __init__(self, cfg: transface.DPAP) -> None:
        self.cfg = cfg

    def __call__(
        self, images: Float[Tensor, "B 3 H W"], rng: torch.Generator, net: nn.Module
    ) -> Float[Tensor, "B 3 H W"]:
        """Perturbed copy; the network gives `gates` "B P" and says the side of its patches in `patch`.

        Raises:
            InputError: if the network has no output `gates`.
        """
        if "gates" not in getattr(net, "outputs", ()):
            raise InputError(f"perturb dpap needs a network with the output gates; {type(net).__name__} has none.")
        training = net.training
        with torch.no_grad():
            gates = net.eval()(images, wanted=("gates",))[1]["gates"]
        net.train(training)
        pixels = (images + 1) * 127.5
        mixed = dpap(pixels, gates.float(), cast("TransFace", net).patch, rng, self.cfg.k, self.cfg.p, self.cfg.whole)
        return mixed / 127.5 - 1
