"""Memory of a process's shard of very many class centres -> results/benchmarks/head_memory.csv.

The rows of `twinlib.figures.exhibits.scaling.head_table` are computed; three more compare the computed peak with one
measured on the CPU, as growth of the peak resident memory of a process. Run: `python benchmarks/head_memory.py`.
"""

import resource
import subprocess
import sys

import pandas as pd

from twinlib import files, paths
from twinlib.figures.exhibits.scaling import head_bytes, head_table

WIDTH, MEASURED = 512, ((100_000, 8, 1.0), (100_000, 256, 1.0), (100_000, 256, 0.25))


def steps(classes: int, images: int, share: float) -> None:
    """Two steps of a head: the second one has the optimiser's states from its beginning."""
    from functools import partial

    import torch

    from twinlib.losses.arcface import arcface_logits
    from twinlib.losses.sharded import ShardedHead

    head = ShardedHead(partial(arcface_logits, s=64.0, m=0.5), WIDTH, classes, share)
    sgd = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)
    optimizer = sgd if share == 1 else torch.optim.SparseAdam(list(head.parameters()))
    embedding = torch.randn(images, WIDTH, requires_grad=True)
    for _ in range(2):
        optimizer.zero_grad()
        head(embedding, torch.randint(classes, (images,))).backward()
        optimizer.step()


def measured_bytes(classes: int, images: int, share: float) -> int:
    """Growth of the peak over a head of two identities, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.head_memory", str(classes), str(images), str(share)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout)


def grown(classes: int, images: int, share: float) -> int:
    """Bytes by which the peak grows from a tiny head to this one."""
    steps(64, images, share)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps(classes, images, share)
    return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def main() -> None:
    """Compute, measure, write."""
    rows = []
    for classes, images, share in MEASURED:
        told = head_bytes(classes, 1, images, WIDTH, share, 1 if share == 1 else 2)
        row = {"identities": classes, "processes": 1, "images": images, "share": share}
        row |= {f"{name}_gb": size / 1e9 for name, size in told.items()}
        rows.append(row | {"measured_peak_gb": measured_bytes(classes, images, share) / 1e9})
    table = pd.concat([head_table().assign(images=128), pd.DataFrame(rows)])
    table = table[list(pd.DataFrame(rows).columns)]
    csv = table.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    files.write_text(paths.results_dir() / "benchmarks/head_memory.csv", csv)
    print(table.to_string(index=False))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(grown(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
    else:
        main()
