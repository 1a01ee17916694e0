"""Views of a step made by hand."""

import torch

from twinlib.data.feed.samplers import Lap
from twinlib.losses.term import StepView


def view_of(embedding, subject, lap=None, **given):
    lap = lap or Lap(0, 2.0, 8)
    subject = torch.as_tensor(subject)
    zeros = torch.zeros(len(subject), dtype=torch.long)
    own = {"outputs": {}, "family": subject, "part": zeros, "frontness": zeros.to(embedding), "clean": None,
           "done": 1.0, "head": lambda e: e.square().mean()}  # fmt: skip
    return StepView(embedding=embedding, subject=subject, lap=lap, **(own | given))
