"""Speed of the losses against plain ways of doing the same -> results/benchmarks/losses_speed.csv.

One process, one thread. Times are processor time, which other work of the machine does not lengthen by waiting. What is
compared runs in turn; times are medians, a ratio is the median of the ratios of each turn. A share is that of one term,
forward and backward to the embedding, in a step of the small ViT with ArcFace; what a term makes the network do besides
(SymFace's halves are further images) is not in it. Run: `python benchmarks/losses_speed.py`.
"""

import os
import time
from collections.abc import Callable

os.environ["OMP_NUM_THREADS"] = "1"  # before torch

import numpy as np
import pandas as pd
import torch
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.miners import BatchHardMiner
from pytorch_metric_learning.reducers import MeanReducer
from ripser import ripser
from scipy.spatial.distance import cdist

from twinlib import config as settings
from twinlib.config import MODELS, experiment
from twinlib.files import write_text
from twinlib.losses import head as cosine
from twinlib.losses.contrastive import batch_contrastive
from twinlib.losses.triplet import hardest, twin_triplet
from twinlib.methods.dcal.dcal import uncertainty_weighted
from twinlib.methods.ndtwin.ndtwin import Features, ndtwin_loss
from twinlib.methods.symface.halves import split_at
from twinlib.methods.symface.symface import Pull
from twinlib.methods.topofr.ptsa import alignment
from twinlib.methods.topofr.rsp import perturb
from twinlib.methods.topofr.sde import structure_damage
from twinlib.methods.transface.dpap import dpap, mix_amplitude
from twinlib.methods.transface.ehsm import ehsm_weight
from twinlib.paths import results_dir
from twinlib.topology import h0_pairs

Row = tuple[str, int, float, float, float, str]


def in_turn(ours: Callable[[], object], other: Callable[[], object], repeats: int) -> tuple[float, float, float]:
    """Median milliseconds of both, and the median of other/ours."""
    times = np.empty((repeats, 2))
    for works in (None, *times):  # the first turn warms up
        for i, work in enumerate((ours, other)):
            start = time.process_time()
            work()
            if works is not None:
                works[i] = 1000 * (time.process_time() - start)
    return float(np.median(times[:, 0])), float(np.median(times[:, 1])), float(np.median(times[:, 1] / times[:, 0]))


def row(what: str, size: int, ours: Callable, other: Callable, wanted: str = "", repeats: int = 15) -> Row:
    found = (what, size, *in_turn(ours, other, repeats), wanted)
    print("{:62} {:5d} {:9.3f} ms {:9.3f} ms {:8.2f} {}".format(*found), flush=True)
    return found


# -- components of a point cloud


def union_find_array(D: np.ndarray) -> list[tuple[int, int]]:
    """As topological losses usually have it: an array of parents, a recursive search, all edges to the end."""
    parent = np.arange(len(D))

    def root(u: int) -> int:
        if parent[u] != u:
            parent[u] = root(parent[u])
        return parent[u]

    rows, columns = np.triu_indices_from(D)
    pairs = []
    for at in np.argsort(D[rows, columns], kind="stable"):
        u, v = root(rows[at]), root(columns[at])
        if u != v:
            parent[max(u, v)] = min(u, v)
            pairs.append((rows[at], columns[at]))
    return pairs


def union_find_list(D: np.ndarray) -> list[tuple[int, int]]:
    """The best of plain Python: lists, path halving, stop at the last union."""
    n = len(D)
    rows, columns = np.triu_indices(n, 1)
    order = np.argsort(D[rows, columns], kind="stable")
    parent, pairs = list(range(n)), []
    for u, v in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        a, b = u, v
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b:
            parent[b] = a
            pairs.append((u, v))
            if len(pairs) == n - 1:
                break
    return pairs


def topology() -> list[Row]:
    rows = []
    for n in (4, 8, 16, 32, 48, 64, 128, 256, 512, 1024, 2048):
        x = np.random.default_rng(n).normal(size=(n, 64))
        D = cdist(x, x)
        if n in (128, 512):
            wanted = {128: ">= 20", 512: ">= 60"}[n]
            rows.append(row("H0: union-find, array and recursion / ours", n, lambda D=D: h0_pairs(D),
                            lambda D=D: union_find_array(D), wanted))  # fmt: skip
            rows.append(row("H0: union-find, lists and early stop / ours", n, lambda D=D: h0_pairs(D),
                            lambda D=D: union_find_list(D)))  # fmt: skip
            assert sorted(union_find_list(D)) == sorted(map(tuple, h0_pairs(D)[0].tolist()))
        wanted = ">= 1" if n <= 1024 else ""
        rows.append(row("H0: ripser / ours", n, lambda D=D: h0_pairs(D),
                        lambda D=D: ripser(D, maxdim=0, distance_matrix=True), wanted))  # fmt: skip
    return rows


# -- amplitude mixing


def mix_one_by_one(source: np.ndarray, reference: np.ndarray, lam: np.ndarray) -> np.ndarray:
    out = np.empty_like(source)
    for i in range(len(source)):
        F_s, F_r = np.fft.fft2(source[i], axes=(0, 1)), np.fft.fft2(reference[i], axes=(0, 1))
        amplitude = (1 - lam[i]) * np.abs(F_s) + lam[i] * np.abs(F_r)
        out[i] = np.clip(np.fft.ifft2(amplitude * np.exp(1j * np.angle(F_s)), axes=(0, 1)).real, 0, 255)
    return out


def mixing() -> list[Row]:
    rows = []
    for n in (90, 179, 717):  # 20 % of 64, 128 and 512 images, 7 patches each
        rng = np.random.default_rng(n)
        source, reference = (255 * rng.random((2, n, 9, 9, 3))).astype(np.float32)
        lam = rng.random(n).astype(np.float32)
        tensors = [torch.from_numpy(a) for a in (source, reference, lam)]
        assert np.abs(mix_amplitude(*tensors).numpy() - mix_one_by_one(source, reference, lam)).max() < 1e-2
        rows.append(row("DPAP: patch by patch / ours", n, lambda t=tensors: mix_amplitude(*t),
                        lambda a=(source, reference, lam): mix_one_by_one(*a), ">= 4"))  # fmt: skip
    return rows


# -- triplets


def triplets() -> list[Row]:
    rows = []
    distance = CosineSimilarity()
    miner, loss = BatchHardMiner(distance=distance), TripletMarginLoss(0.5, distance=distance, reducer=MeanReducer())
    for n in (64, 256, 1024):
        e, subject = torch.randn(n, 512), torch.arange(n) // 4
        other = subject[:, None] != subject[None]

        def mine(e: torch.Tensor = e, subject: torch.Tensor = subject) -> object:
            return hardest(1 - cosine.cosines(e, e), subject, subject[:, None] != subject[None])

        rows.append(
            row("miner alone: pytorch-metric-learning / ours", n, mine, lambda e=e, s=subject: miner(e, s), ">= 1")
        )

        def step(of: Callable[[torch.Tensor], torch.Tensor], e: torch.Tensor = e) -> None:
            of(e.clone().requires_grad_()).backward()

        def ours(e: torch.Tensor, s: torch.Tensor = subject) -> torch.Tensor:
            return twin_triplet(e, s, s)

        def theirs(e: torch.Tensor, s: torch.Tensor = subject) -> torch.Tensor:
            return loss(e, s, miner(e, s))

        assert other.any()
        rows.append(row("miner, loss and gradient: pytorch-metric-learning / ours", n, lambda: step(ours),
                        lambda: step(theirs), ">= 1"))  # fmt: skip
    return rows


# -- share of a training step


def shares() -> list[Row]:
    """Each term forward and backward, up to the embedding, against a whole step of the small ViT with ArcFace."""
    config = experiment.load("vit", "cpu")
    batch, width = 2 * config.train.groups * config.train.images_per_subject, config.model.embedding
    net, head = MODELS.build(config.model), settings.LOSSES.build(config.loss, width, 600)
    size = config.data.size
    images, subject = torch.rand(batch, 3, size, size) * 2 - 1, torch.arange(batch) // config.train.images_per_subject
    embedding, tokens = torch.randn(batch, width), torch.rand(batch, 196, config.model.width)
    logits = head(embedding, subject).detach() * 0 + 8 * torch.randn(batch, 600)
    sym = Pull(settings.SymFace(), steps=10, split=100)
    pixels, gates = 127.5 * (images + 1), torch.rand(batch, 196)
    features = Features(embedding, embedding, embedding, torch.rand(batch, 1, 7, 7))
    half, nose = batch // 2, torch.full((batch,), size // 2)
    terms: dict[str, Callable[[torch.Tensor], object]] = {
        "arcface": lambda e: head(e, subject),
        **{name: _head(name, width, subject) for name in ("cosface", "sphereface", "adaface", "magface", "topofr")},
        "twin triplet": lambda e: twin_triplet(e, subject, subject // 2),
        "TransFG contrastive": lambda e: batch_contrastive(e, subject),
        "NDTWIN composite": lambda e: ndtwin_loss(
            features._replace(fused=e), features, subject % 2 == 0, settings.NDTwin()
        ),
        "NDTWIN composite, triplet": lambda e: ndtwin_loss(
            features._replace(fused=e), features, subject % 2 == 0, settings.NDTwin("triplet"), subject.repeat(2)
        ),
        "SymFace, loss alone": lambda e: sym(e[:half], e[half : 2 * half], torch.ones(half)),
        **{f"TopoFR alignment, {form}": lambda e, form=form: alignment(images, e, form)
           for form in ("paper", "code", "matched")},
        "structure damage score": lambda e: structure_damage(logits, subject),
        "structure perturbation, 20 % of the images": lambda e: perturb(images, torch.Generator().manual_seed(0)),
        "halves of 30 % of the images": lambda e: split_at(images[: batch * 3 // 10], nose[: batch * 3 // 10]),
        "EHSM weights": lambda e: ehsm_weight(tokens),
        "DPAP, 20 % of the images": lambda e: dpap(pixels, gates, size // 14, torch.Generator().manual_seed(0)),
        "DCAL weighting of three losses": lambda e: uncertainty_weighted(e.square().mean(0)[:3], torch.zeros(3)),
    }  # fmt: skip

    def step() -> None:
        head(net(images), subject).backward()

    return [row(f"training step / {name}", batch, lambda t=term: _run(t, embedding), step, "", 5)
            for name, term in terms.items()]  # fmt: skip


def _head(name: str, width: int, subject: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    head = settings.LOSSES.build(settings.LOSSES[name](), width, 600)
    return lambda e: head(e, subject)


def _run(term: Callable[[torch.Tensor], object], embedding: torch.Tensor) -> None:
    out = term(embedding.clone().requires_grad_())
    if isinstance(out, torch.Tensor) and out.requires_grad:
        out.backward()


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    columns = ["what", "size", "ours_ms", "other_ms", "ratio", "wanted"]
    table = pd.DataFrame([*topology(), *mixing(), *triplets(), *shares()], columns=columns)
    table["share_percent"] = np.where(table["what"].str.startswith("training step"), 100 / table["ratio"], np.nan)
    text = table.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    write_text(results_dir() / "benchmarks/losses_speed.csv", text)


if __name__ == "__main__":
    main()
