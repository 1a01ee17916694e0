"""TopoFR's alignment: images and embeddings of a batch shall join into components at the same lengths."""

import math
from typing import cast

from jaxtyping import Float
from torch import Tensor

from twinlib.errors import InputError
from twinlib.losses.head import full_precision, wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import topofr
from twinlib.topology.differentiable import distances, edge_lengths, h0_deaths

FORMS = ("paper", "code", "matched")


def alignment(
    x: Float[Tensor, "B ..."], z: Float[Tensor, "B E"], form: str = "paper", scale: float | None = None
) -> Float[Tensor, ""]:
    r"""Difference between the zero-dimensional persistence of a batch in two spaces.

    With d_X, d_Z the distances, π_X, π_Z the edges of their minimum spanning trees and d[π] the lengths of edges:

    .. math:: \text{paper:}\quad & \tfrac12\left(\|d_X[\pi_X] - d_Z[\pi_X]\|^2 + \|d_Z[\pi_Z] - d_X[\pi_Z]\|^2\right) \\
              \text{matched:}\quad & \text{twice that}/B \\
              \text{code:}\quad & \|\operatorname{sort} d_X[\pi_X] - \operatorname{sort} d_Z[\pi_Z]\|^2/B

    Args:
        x: what was put in (images before the perturbation); gets no gradient.
        z: embeddings, as they are; gets the gradient, the trees being constants.
        form: paper; matched (the topological autoencoder's code); code (TopoFR's: the k-th shortest length against the
            k-th shortest, whatever points they join).
        scale: d_X is divided by it; None: the largest possible distance of images with values in [−1, 1].

    Raises:
        InputError: for an unknown form.

    Source:
        Dan et al., TopoFR, NeurIPS 2024; Moor et al., Topological Autoencoders, ICML 2020.
    """
    if form not in FORMS:
        raise InputError(f"alignment.form {form!r} is unknown; known: {', '.join(FORMS)}.")
    with full_precision(z):
        x, z = wide(x.detach()).flatten(1), wide(z)
        d_x = distances(x) / (2 * math.sqrt(x.shape[1]) if scale is None else scale)
        pairs_x, sig_x = h0_deaths(d_x)
        pairs_z, _ = h0_deaths(distances(z.detach()))
        sig_z = edge_lengths(z, pairs_z)
        if form == "code":
            return (sig_x - sig_z).square().sum() / len(z)
        x_to_z = (sig_x - edge_lengths(z, pairs_x)).square().sum()
        z_to_x = (sig_z - d_x[pairs_z[:, 0], pairs_z[:, 1]]).square().sum()
        return (x_to_z + z_to_x) / (2 if form == "paper" else len(z))


class Alignment(Term):
    """TopoFR's alignment of clean images and embeddings of the perturbed ones."""

    wants_clean = True

    def __init__(self, cfg: topofr.Alignment) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the alignment."""
        return self.cfg.weight * alignment(cast("Tensor", view.clean), view.embedding, self.cfg.form)
