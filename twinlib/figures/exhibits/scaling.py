"""How long a step would take on more processes, and what a head of many identities would need: on paper.

Times come from measured parts and an assumed network; memory from counted arrays, checked against a measured peak by
`benchmarks/head_memory.py`.
"""

from dataclasses import dataclass, replace
from itertools import product

import pandas as pd

PROCESSES = (1, 8, 64)


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


def step_parts(table: pd.DataFrame, network: str) -> StepParts:
    """What `benchmarks/step_time.py` measured of a network on the CPU.

    Args:
        table: results/benchmarks/step_time.csv.
        network: a value of its first column.
    """
    rows = table[(table["network"] == network) & (table["device"] == "cpu")].set_index("part")
    seconds, about = rows["ms"] / 1000, rows.iloc[0]
    return StepParts(
        data=float(seconds["data"]),
        network=float(seconds["forward"] + seconds["backward"]),
        loss=float(seconds["loss"]),
        optimiser=float(seconds["optimiser"]),
        parameters=int(about["parameters"]),
        embedding=4 * int(about["embedding"]),
        images=int(about["batch"]),
    )


def scaled(parts: StepParts, images: int = 1, speed: float = 1.0) -> StepParts:
    """Parts of a step of so many times as many images, on a processor so many times as fast; both are assumptions.

    Args:
        parts: measured.
        images: factor; all parts but the optimiser's grow with it.
        speed: factor.
    """
    return replace(
        parts,
        data=parts.data * images / speed,
        network=parts.network * images / speed,
        loss=parts.loss * images / speed,
        optimiser=parts.optimiser / speed,
        images=parts.images * images,
    )


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


def scaling_table(parts: StepParts, link: Link) -> pd.DataFrame:
    """Step time, images a second and efficiency (share of P times one process) for each number of processes."""
    rows = []
    for count in PROCESSES:
        seconds = step_seconds(parts, count, link)
        rate = count * parts.images / seconds
        alone = parts.images / step_seconds(parts, 1, link)
        rows.append({"processes": count, "step_s": seconds, "images_per_s": rate, "efficiency": rate / count / alone})
    return pd.DataFrame(rows)


# Arrays that live at once in `losses.sharded`: of images × centres the cosines, the logits, their distance to the top
# and its power; of centres × width, going back, the unit length, its gradient, two parts of that, the gradient.
LOGITS, CENTRES = 4, 5
SAMPLED = 5  # more of them where the centres are a sample: the rows themselves, and what a sparse optimiser makes


def head_bytes(
    classes: int, processes: int, images: int = 128, width: int = 512, share: float = 1.0, states: int = 1
) -> dict[str, int]:
    """Memory that one process needs for its shard of `twinlib.losses.sharded.ShardedHead`, in float32.

    Args:
        classes: identities over all processes.
        processes: P.
        images: of one process; logits are computed for those of all.
        width: of the embedding.
        share: of the centres that take part in a step.
        states: numbers that the optimiser keeps a weight: 1 for SGD with momentum, 2 for Adam.

    Returns:
        Bytes of `weights`, `optimiser`, `gradient`, `logits` (one array of them), and at the `peak`: the larger of the
        forward pass, with its logits, and the backward pass of the centres.
    """
    own = -(-classes // processes)
    drawn = max(1, round(share * own))
    centre = 4 * width
    logits = 4 * drawn * images * processes
    kept = (1 + states) * own * centre
    copies = drawn * centre
    forward = (1 if share == 1 else 2) * copies + LOGITS * logits
    backward = (CENTRES if share == 1 else CENTRES + SAMPLED) * copies
    return {
        "weights": own * centre,
        "optimiser": states * own * centre,
        "gradient": copies,
        "logits": logits,
        "peak": kept + max(forward, backward),
    }


def head_table() -> pd.DataFrame:
    """Gigabytes (10⁹ bytes) that a process needs for the head, by number of identities, processes and share.

    SGD with momentum for all centres, SparseAdam for a sample of them; 128 images a process, embeddings of 512.
    """
    rows = []
    for count, parts, share in product((100_000, 1_000_000, 10_000_000), PROCESSES, (1.0, 0.1)):
        told = head_bytes(count, parts, share=share, states=1 if share == 1 else 2)
        sizes = {f"{name}_gb": size / 1e9 for name, size in told.items()}
        rows.append({"identities": count, "processes": parts, "share": share} | sizes)
    return pd.DataFrame(rows)
