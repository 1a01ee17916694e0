"""How long a step would take on more processes: on paper, from measured parts and an assumed network."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Link:
    """What joins the processes; assumed, not measured."""

    bytes_per_second: float  # of one process, in one direction
    latency: float  # seconds of a message


@dataclass(frozen=True)
class StepParts:
    """Measured parts of a step of one process with its own share of the batch.

    Attributes:
        data: seconds to make the batch.
        network: seconds of forward and backward pass.
        loss: seconds of the loss for the images of one process; it grows with those of all.
        optimiser: seconds.
        parameters: of the network, reduced over all processes as float32.
        embedding: bytes gathered an image.
        images: of one process.
    """

    data: float
    network: float
    loss: float
    optimiser: float
    parameters: int
    embedding: int
    images: int


def reduce_seconds(size: float, processes: int, link: Link) -> float:
    """Ring all-reduce of `size` bytes: 2 (P − 1)/P of it pass each link, in 2 (P − 1) messages."""
    return 2 * (processes - 1) * (size / processes / link.bytes_per_second + link.latency)


def gather_seconds(size: float, processes: int, link: Link) -> float:
    """Ring all-gather of `size` bytes from each process."""
    return (processes - 1) * (size / link.bytes_per_second + link.latency)


def step_seconds(parts: StepParts, processes: int, link: Link) -> float:
    """Seconds of a step of P processes with as many images each; nothing overlaps, so it is an upper bound.

    Args:
        parts: measured on one process.
        processes: P.
        link: assumed.

    Notes:
        Every process computes the loss of all images (see `twinlib.train.parallel`), so that part is multiplied by P.
        Batch-norm statistics are left out: a few hundred bytes a layer.
    """
    own = parts.data + parts.network + parts.loss * processes + parts.optimiser
    told = gather_seconds(float(parts.embedding * parts.images), processes, link)
    return own + told + reduce_seconds(4.0 * parts.parameters, processes, link)


def scaling_table(parts: StepParts, link: Link, processes: tuple[int, ...] = (1, 8, 64)) -> pd.DataFrame:
    """Step time, images a second and efficiency (share of P times one process) for each number of processes."""
    rows = []
    for count in processes:
        seconds = step_seconds(parts, count, link)
        rate = count * parts.images / seconds
        alone = parts.images / step_seconds(parts, 1, link)
        rows.append({"processes": count, "step_s": seconds, "images_per_s": rate, "efficiency": rate / count / alone})
    return pd.DataFrame(rows)
