"""Perturbations of a batch, after augmentation: TopoFR's random structure, TransFace's amplitude mixing."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from twinlib.errors import InputError
from twinlib.methods import topofr, transface
from twinlib.methods.topofr.rsp import perturb
from twinlib.methods.transface.dpap import dpap

Images = Float[Tensor, "B 3 H W"]
Perturbation = Callable[[Images, Generator, nn.Module], Images]  # images in [-1, 1], draws, the network as it is


class Structure:
    """TopoFR's random structure perturbation; see `twinlib.methods.topofr.rsp`.

    Args:
        cfg: the probability.
    """

    def __init__(self, cfg: topofr.Structure) -> None:
        self.p = cfg.p

    def __call__(self, images: Images, rng: Generator, net: nn.Module) -> Images:
        """Perturbed copy; `net` is not used."""
        return perturb(images, rng, self.p)


class DPAP:
    """TransFace's dominant patch amplitude perturbation; see `twinlib.methods.transface.dpap.dpap`.

    The gates come from a pass of the network as it stands, in evaluation mode and without gradient: it costs a forward
    pass, but touches no statistics and draws no noise.

    Args:
        cfg: probability, number of patches, rounding.
    """

    def __init__(self, cfg: transface.DPAP) -> None:
        self.cfg = cfg

    def __call__(self, images: Images, rng: Generator, net: nn.Module) -> Images:
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
        mixed = dpap(pixels, gates.float(), net.patch, rng, self.cfg.k, self.cfg.p, self.cfg.whole)  # type: ignore[arg-type]
        return mixed / 127.5 - 1


PERTURBATIONS: dict[str, Callable[..., Perturbation]] = {"structure": Structure, "dpap": DPAP}
