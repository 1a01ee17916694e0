"""Embeddings of a data set's crops."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import nn

from twinlib.data.feed.augment import normalise, scaled_for
from twinlib.errors import InputError
from twinlib.progress import progress


@torch.no_grad()
def embed(
    model: nn.Module,
    crops: UInt8[np.ndarray, "M H W 3"],
    rows: Sequence[int],
    device: str,
    batch: int = 64,
    boxes: Float[np.ndarray, "M R 4"] | None = None,
) -> Float[np.ndarray, "N E"]:
    """Unit-length embeddings of `crops[rows]`, in that order, float32.

    Args:
        model: network in `eval` mode.
        crops: RGB crops, possibly memory-mapped.
        rows: which of them.
        device: "cpu" or "cuda".
        batch: images per forward pass; the result does not depend on it.
        boxes: detector's region boxes, for networks that take them (`"boxes" in model.inputs`).

    Raises:
        InputError: no rows, or an embedding that is not finite or a vector of zeros, which has no cosine.
    """
    if not len(rows):
        raise InputError("there is no image to embed; the list of rows is empty.")
    model = model.to(device).eval()
    parts = []
    for start in progress(range(0, len(rows), batch), None, "embedding", "batch"):
        here = np.asarray(rows[start : start + batch])
        given = [scaled_for(model, normalise(torch.from_numpy(np.ascontiguousarray(crops[here])).to(device)))]
        if boxes is not None and "boxes" in getattr(model, "inputs", ()):
            given.append(torch.from_numpy(boxes[here]).float().to(device))
        e = model(*given)
        length = e.float().norm(dim=1)
        if not (length.isfinite() & (length > 0)).all():
            bad = int(here[int((~(length.isfinite() & (length > 0))).nonzero()[0, 0])])
            raise InputError(
                f"the embedding of image row {bad} is not finite or zero; the network needs other weights."
            )
        parts.append(nn.functional.normalize(e.float()).cpu().numpy())
    return np.concatenate(parts)
