"""A training that is looked at while it runs: what a curve over epochs needs. It leaves no record and no weights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import torch

from twinlib.config import MODELS, Experiment
from twinlib.data.feed.trainset import TrainSet
from twinlib.models.network import Network
from twinlib.train.loop import load_backbone, train

Look = Callable[[Network], Sequence[Mapping[str, object]]]


def watched(
    experiment: Experiment,
    data: TrainSet,
    look: Look,
    every: int,
    start: dict[str, torch.Tensor] | None = None,
) -> tuple[Network, pd.DataFrame]:
    """Train, and look at the network before the first step, every few steps and at the end.

    Args:
        experiment: the resolved config; its own validations are replaced by ours.
        data: training images.
        look: from the network (in `eval` mode) to rows; the columns `step` and `passes` are put before its own.
        every: steps between looks.
        start: weights of the backbone to begin with instead of random ones.

    Returns:
        The network in `eval` mode, and the rows in the order in which they were seen.
    """
    seen: list[dict[str, object]] = []
    size = experiment.train.batch * experiment.train.accumulate
    steps, calls = max(1, experiment.train.passes // size), count(1)

    def see(net: Network, step: int) -> None:
        seen.extend({"step": step, "passes": step * size} | dict(row) for row in look(net.eval()))

    def validate(net: Network) -> float:
        see(net, min(next(calls) * every, steps))
        return 0.0

    torch.manual_seed(experiment.seed)
    first = MODELS.build(experiment.model)
    if start is not None:
        load_backbone(first, start)
    see(first, 0)  # the weights that training starts from
    observed = replace(experiment, train=replace(experiment.train, validate_every=every, keep="last"))
    with TemporaryDirectory() as folder:
        trained = train(observed, data, "watched", Path(folder), "cpu", start, validate)
    return trained.model, pd.DataFrame(seen)
