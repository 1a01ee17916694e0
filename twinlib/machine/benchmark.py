"""How fast a network is on this computer: time of a call, images a second by batch, memory, size; torch beside ONNX."""

import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from twinlib.environment import peak_memory_mb
from twinlib.errors import InputError
from twinlib.machine.onnx_session import onnx_session
from twinlib.ranges import Count

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from twinlib.models.network import Network

BATCHES = (1, 8, 32)
WARM = 3  # calls that are not counted


class Speed(NamedTuple):
    """A batch size under one engine.

    Attributes:
        engine: torch or onnxruntime.
        batch: images a call.
        p50, p95: time of a call, ms.
        images_per_second: of all calls together.
    """

    engine: str
    batch: int
    p50: float
    p95: float
    images_per_second: float


def benchmark(what: str, rounds: Count = 20, threads: Count = 1) -> None:
    """Time a network: milliseconds a call, images a second by batch, parameters, operations, memory.

    Args:
        what: ONNX file with one input; or folder with model.safetensors, safetensors file, id of a run, bundled or hub
            model, which is timed in torch and, where the extra onnx is installed, in onnxruntime.
        rounds: calls that are timed for each batch.
        threads: cores to compute on.
    """
    before = peak_memory_mb()
    if what.endswith(".onnx"):
        session = onnx_session(Path(what), threads)
        print(f"{what}: {onnx_size(Path(what))}")
        speeds = list(of_onnx(session, rounds))
    else:
        speeds = _of_network(what, rounds, threads)
    print(f"{threads} thread(s), {rounds} calls each")
    print(f"{'engine':12} {'batch':>5} {'p50 ms':>9} {'p95 ms':>9} {'images/s':>9}")
    for one in speeds:
        print(f"{one.engine:12} {one.batch:5} {one.p50:9.2f} {one.p95:9.2f} {one.images_per_second:9.1f}")
    print(f"memory: {peak_memory_mb() - before:.0f} MiB more at the peak than before")


def timed(engine: str, batch: int, call: Callable[[], object], rounds: int) -> Speed:
    """Time calls one after the other; the first three are left out."""
    for _ in range(WARM):
        call()
    seconds = np.empty(rounds)
    for i in range(rounds):
        began = time.perf_counter()
        call()
        seconds[i] = time.perf_counter() - began
    p50, p95 = np.percentile(seconds, (50, 95)) * 1e3
    return Speed(engine, batch, float(p50), float(p95), batch * rounds / float(seconds.sum()))


def of_onnx(session: "InferenceSession", rounds: int) -> Iterator[Speed]:
    """Speeds of a session with noise as input; a file with a fixed batch is timed with that one alone.

    Raises:
        InputError: several inputs, or sides that the file leaves open.
    """
    [taken, *others] = session.get_inputs()
    shape = list(taken.shape)
    if others or any(not isinstance(side, int) for side in shape[1:]) or taken.type != "tensor(float)":
        found = ", ".join(f"{one.name} {one.shape} {one.type}" for one in session.get_inputs())
        raise InputError(f"wanted one input of floats with fixed sides but the batch, found {found}.")
    for batch in [shape[0]] if isinstance(shape[0], int) else BATCHES:
        x = np.random.default_rng(0).normal(size=(batch, *shape[1:])).astype(np.float32)
        yield timed("onnxruntime", batch, lambda given={taken.name: x}: session.run(None, given), rounds)


def onnx_size(file: Path) -> str:
    """Size of a file in words: megabytes, and parameters where the package onnx can count them."""
    text = f"{file.stat().st_size / 1e6:.1f} MB"
    if importlib.util.find_spec("onnx") is None:
        return f"{text} (parameters: pip install 'twinlib[onnx]')"
    import onnx

    weights = onnx.load(file, load_external_data=False).graph.initializer
    return f"{text}, {sum(int(np.prod(one.dims)) for one in weights):,} numbers stored as weights"


def _of_network(what: str, rounds: int, threads: int) -> list[Speed]:
    """Speeds of a trained network in torch, then of its export in onnxruntime."""
    import torch

    from twinlib.models.onnx import examples, export_onnx
    from twinlib.train.stored.origin import located
    from twinlib.train.stored.pretrained import load

    torch.set_num_threads(threads)
    net = load(located(what, None, False)).eval()
    count = sum(p.numel() for p in net.parameters())
    print(f"{what}: {type(net).__name__}, {count:,} parameters, {operations(net) / 1e9:.3f} G operations an image")
    speeds = []
    with torch.inference_mode():
        for batch in BATCHES:
            given = tuple(examples(net, batch).values())
            speeds.append(timed("torch", batch, lambda given=given: net(*given), rounds))
    if any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxscript", "onnxruntime")):
        print("onnxruntime is not timed: pip install 'twinlib[onnx]'.")
        return speeds
    with tempfile.TemporaryDirectory() as folder:
        export_onnx(net, file := Path(folder) / "net.onnx")
        session = onnx_session(file, threads)
        for batch in BATCHES:
            given = {name: value.numpy() for name, value in examples(net, batch).items()}
            speeds.append(timed("onnxruntime", batch, lambda given=given: session.run(None, given), rounds))
    return speeds


def operations(net: "Network") -> float:
    """Multiplications and additions of one image, as torch counts them in products and convolutions."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from twinlib.models.onnx import examples

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net(*examples(net, 2).values())
    return counter.get_total_flops() / 2
