"""What margin.npz asks of ArcFace and CosFace alike."""

import re

import torch
from golden_files import golden, relative
from torch.nn.functional import cross_entropy

from twinlib.losses.head import cosines

TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients


def check_margin(key, dtype, logits_of):
    """Logits, loss and gradients of one head of margin.npz.

    Args:
        key: of the stored logits, <head>_<treatment>_s<scale>_logits.
        dtype: to compute in.
        logits_of: cosines, label, scale, margin, treatment -> logits.
    """
    vectors = golden("margin")
    head, treatment, s = re.fullmatch(r"(arc|cos)_(\w+)_s(\d+)_logits", key).groups()
    x, W = (torch.tensor(vectors[k], dtype=dtype, requires_grad=True) for k in ("x", "W"))
    label = torch.tensor(vectors["y"])
    logits = logits_of(cosines(x, W), label, float(s), float(vectors[f"s{s}_m_{head}"]), treatment)
    loss = cross_entropy(logits, label)
    loss.backward()
    prefix, (values, gradients) = key.removesuffix("logits"), TOLERANCE[dtype]
    assert relative(logits.detach(), vectors[prefix + "logits"]) < values
    assert relative(loss.detach(), vectors[prefix + "loss"]) < values
    assert relative(x.grad, vectors[prefix + "grad_x"]) < gradients
    assert relative(W.grad, vectors[prefix + "grad_W"]) < gradients
