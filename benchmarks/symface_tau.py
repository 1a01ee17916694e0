"""SymFace's Figure 6 and Tables 3 and 4 in kind -> results/benchmarks/symface_{tau,differences}.csv.

The network is the committed trunk (`twinlib/weights/small.safetensors`), which stands still, with a linear layer on its
map, pooled to 4 x 4; the layer is trained on whole faces and halves of rendered people: without SymFace, with split
pictures alone, and with the pull at five thresholds tau; losses, epochs and halves are the library's. Measured: AUC
among strangers and among twins of test families, their paired differences to the training without SymFace over families
and seeds, and how far the training classes lie apart (two readings of the paper's Table 3, raw embeddings beside).
Five seeds. Run: `python -m benchmarks.symface_tau` (about two minutes of processor time).
"""

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d, cross_entropy, normalize

from twinlib import config
from twinlib.config import MODELS
from twinlib.data import protocols
from twinlib.data.feed.augment import normalise
from twinlib.data.feed.trainset import train_set
from twinlib.data.rendered import prepare
from twinlib.files import write_text
from twinlib.losses.arcface import arcface_logits
from twinlib.measure.bootstrap import bootstrap_difference
from twinlib.measure.metrics import auc
from twinlib.methods.symface import Halves
from twinlib.methods.symface.cells import between_classes, raw_trace
from twinlib.methods.symface.halves import epoch, rho_of, split_at
from twinlib.methods.symface.symface import Pull, face_weight
from twinlib.paths import results_dir
from twinlib.train.loop import load_backbone
from twinlib.train.pretraining.start import trunk_file
from twinlib.train.scoring import Scored, score, scored_rows

DATA, FAMILIES, TESTED, IMAGES, EMBEDDING, POOLED = "study", 60, 50, 5, 64, 4
BATCH, EPOCHS, SEEDS, TAUS = 50, 12, range(5), (0.05, 0.1, 0.2, 0.3, 0.4)
BASE = "without"
RUNS: dict[str, tuple[Halves, bool]] = {BASE: (Halves(p=0.0), False), "split": (Halves(), False)}
RUNS |= {f"SymFace, tau {tau:g}": (Halves(tau=tau), True) for tau in TAUS}


@torch.no_grad()
def seen(net: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """What the trunk makes of images, pooled to a coarse grid, [N, d * 16]."""
    maps = [net.map(net.tokens(part)).permute(0, 3, 1, 2) for part in images.split(32)]
    return torch.cat([adaptive_avg_pool2d(part, POOLED).flatten(1) for part in maps])


def train(x: dict[str, torch.Tensor], label: torch.Tensor, rho: np.ndarray, cfg: Halves, pull: bool, seed: int):
    """The linear layer after a few epochs of SymFace's samples."""
    torch.manual_seed(seed)
    net = nn.Linear(x["whole"].shape[1], EMBEDDING)
    centres = nn.Parameter(0.05 * torch.randn(int(label.max()) + 1, EMBEDDING))
    opt = torch.optim.AdamW([*net.parameters(), centres], lr=2e-3, weight_decay=0.05)
    weight = torch.from_numpy(rho).float()
    for number in range(EPOCHS):
        plan = epoch(rho, BATCH, seed, number, cfg)
        steps = len(plan.batches)
        symmetry = Pull(config.SymFace(), steps, len(plan.split)) if pull else None
        for rows in plan.batches:
            cut, whole = (torch.from_numpy(rows[np.isin(rows, plan.split, invert=not of)]) for of in (True, False))
            e = net(torch.cat([x["left"][cut], x["right"][cut], x["whole"][whole]]))
            y = torch.cat([label[cut], label[cut], label[whole]])
            logits = arcface_logits(normalize(e) @ normalize(centres).T, y, s=24.0, m=0.1)
            loss = face_weight(len(y), steps, plan.samples) * cross_entropy(logits, y)
            if symmetry is not None:
                loss = loss + symmetry(e[: len(cut)], e[len(cut) : 2 * len(cut)], weight[cut])
            opt.zero_grad()
            loss.backward()
            opt.step()
    return net.eval()


def save(name: str, rows: list[dict[str, object]]) -> None:
    text = pd.DataFrame(rows).to_csv(index=False, float_format="%.5g", lineterminator="\n")
    write_text(results_dir() / f"benchmarks/symface_{name}.csv", text)


def main() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    manifest, faces = prepare(DATA)
    trunk = MODELS.build(config.load("vit_grid", "cpu").model).eval()
    load_backbone(trunk, load_file(trunk_file("small")))
    data = train_set(manifest, faces, families=FAMILIES)
    kept = (pd.Series(data.subject).groupby(data.subject).cumcount() < IMAGES).to_numpy()
    label, rho = torch.from_numpy(data.subject[kept]), rho_of(data)[kept]
    images = normalise(torch.from_numpy(np.asarray(data.crops[data.rows[kept]])))
    halves = split_at(images, torch.from_numpy(data.columns[kept, 2]).round().long())
    x = {name: seen(trunk, part) for name, part in zip(("whole", "left", "right"), (images, *halves), strict=True)}
    middle, width = x["whole"].mean(0), x["whole"].std(0)
    x = {name: (value - middle) / width for name, value in x.items()}
    table = manifest.images[manifest.images["split"] == "test"]
    table = table[table["family"].isin(table["family"].unique()[:TESTED])]
    table = table[table.groupby("subject").cumcount() < IMAGES]
    lists = {"general": protocols.general_pairs(table, 0, 12), "twin": protocols.twin_pairs(table, 0, 12)}
    asked = Scored(manifest, faces, lists)
    places = scored_rows(asked)
    tested = (seen(trunk, normalise(torch.from_numpy(np.asarray(faces.crops[places])))) - middle) / width
    found, scores, pairs = [], {}, {}
    for label_, (cfg, pull) in RUNS.items():
        for seed in SEEDS:
            net = train(x, label, rho, cfg, pull, seed)
            with torch.no_grad():
                own, e = net(x["whole"]).numpy(), normalize(net(tested)).numpy()
            tables = score(asked, places, e)
            for protocol, one in tables.items():
                scores.setdefault((label_, protocol), []).append(one["score"].to_numpy())
                pairs[protocol] = one
            aucs = {f"{p}_auc": auc(t["score"].to_numpy(), t["same"].to_numpy()) for p, t in tables.items()}
            spread = between_classes(own, label.numpy())
            found.append({"run": label_, "tau": cfg.tau if pull else None, "seed": seed} | aucs
                         | {"trace": spread.trace, "mean_square": spread.mean_square,
                            "raw_trace": raw_trace(own, label.numpy())})  # fmt: skip
        print(found[-1], flush=True)
        save("tau", found)
    differences = []
    for (name, protocol), several in scores.items():
        if name != BASE:
            base = np.stack(scores[BASE, protocol])
            d = bootstrap_difference(pairs[protocol], np.stack(several), base, "auc", draws=1000)
            differences.append({"run": name, "protocol": protocol} | vars(d))
    save("differences", differences)


if __name__ == "__main__":
    main()
