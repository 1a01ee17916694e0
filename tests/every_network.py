"""Runs every network forwards and backwards, each in a fork of this process, and prints as JSON how each ended.

A library that writes past its memory kills the process that it is in; so one network is one failure. What they need is
imported before the forks: in each of them that would take longer than its network.
"""

import json
import os

import torch
from small_networks import SMALL

from twinlib import config

NARROW = {f"iresnet of width {width}": config.IResNet(depth=10, width=width, embedding=8) for width in (1, 2, 4, 8, 12)}


def networks() -> dict[str, tuple[str, object]]:
    """Registry name and settings of each network: of every experiment's smoke profile, and the tests' smallest."""
    found = {}
    for name in config.experiments():
        experiment = config.load(name, "smoke")
        found.setdefault(repr(experiment.model), (f"{experiment.model_name} of {name}", experiment))
    ours = {name: (experiment.model_name, experiment.model) for name, experiment in found.values()}
    return (
        ours
        | {f"{name}, small": (name, cfg) for name, cfg in SMALL.items()}
        | {n: ("iresnet", c) for n, c in NARROW.items()}
    )


def step(name: str, cfg: object) -> None:
    """A step of training and an embedding, channels last."""
    torch.manual_seed(0)
    net = config.MODELS.build(cfg).to(memory_format=torch.channels_last)
    size = (6, 3, net.preprocess.size, net.preprocess.size)
    images = torch.randn(size).contiguous(memory_format=torch.channels_last)
    for _ in range(2):
        net(images).square().sum().backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)
    with torch.no_grad():
        assert net.eval()(images).isfinite().all()


def in_a_fork(name: str, cfg: object) -> int:
    """Exit code of a step in a process of its own; negative: the signal that killed it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            step(name, cfg)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    torch.set_num_threads(1)  # no threads are started before the forks
    for kind in config.MODELS:
        config.MODELS.builder(kind)
    print(json.dumps({name: in_a_fork(*one) for name, one in networks().items()}))
