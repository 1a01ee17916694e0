"""An embedding of asymmetry alone, among strangers and among twins -> results/benchmarks/faam_alone.csv.

Maps come from the committed trunk (`twinlib/weights/small.safetensors`), which stands still. On them are trained, with
the same loss, steps and batches: FAAM with a linear layer, which sees nothing but the difference of the halves, and the
mean of all places with a linear layer. Third, without any training: the mean difference of the halves.
Run: `python -m benchmarks.faam_alone` (about a minute of processor time).
"""

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from twinlib import config, paths
from twinlib.ahan.faam import FAAM, split_mirror
from twinlib.config import MODELS
from twinlib.data import protocols
from twinlib.data.feed.augment import normalise
from twinlib.data.feed.trainset import train_set
from twinlib.data.rendered import prepare
from twinlib.files import write_text
from twinlib.losses.arcface import arcface_logits
from twinlib.measure.bootstrap import bootstrap_by
from twinlib.train.loop import load_backbone
from twinlib.train.pretraining.start import trunk_file
from twinlib.train.scoring import Scored, score, scored_rows

DATA, FAMILIES, TESTED, IMAGES, STEPS, BATCH, EMBEDDING = "study", 60, 50, 5, 150, 64, 64
SEEDS = (0, 1)


class Mean(nn.Module):
    """Mean of a map over its places."""

    def forward(self, F: torch.Tensor) -> torch.Tensor:
        return F.mean(dim=(1, 2))


def some(images: pd.DataFrame, split: str, families: int) -> pd.DataFrame:
    """The first images of each subject of a split's first families."""
    part = images[images["split"] == split]
    part = part[part["family"].isin(part["family"].unique()[:families])]
    return part[part.groupby("subject").cumcount() < IMAGES]


@torch.no_grad()
def maps(net: nn.Module, crops: np.ndarray, rows: np.ndarray) -> torch.Tensor:
    """Token maps of crops, [N, H, W, d]."""
    parts = [normalise(torch.from_numpy(np.asarray(crops[part]))) for part in np.array_split(rows, len(rows) // 32 + 1)]
    return torch.cat([net.map(net.tokens(images)) for images in parts])


def train(pool: nn.Module, F: torch.Tensor, label: torch.Tensor, seed: int) -> nn.Module:
    """Pooling, linear layer and class centres, trained on maps that stand still."""
    torch.manual_seed(seed)
    net = nn.Sequential(pool, nn.BatchNorm1d(F.shape[3]), nn.Linear(F.shape[3], EMBEDDING))
    centres = nn.Parameter(0.05 * torch.randn(int(label.max()) + 1, EMBEDDING))
    opt = torch.optim.AdamW([*net.parameters(), centres], lr=2e-3, weight_decay=0.05)
    for _ in range(STEPS):
        chosen = torch.randint(len(F), (BATCH,))
        cos = normalize(net(F[chosen])) @ normalize(centres).T
        opt.zero_grad()
        cross_entropy(arcface_logits(cos, label[chosen], s=24.0, m=0.1), label[chosen]).backward()
        opt.step()
    return net.eval()


def main() -> None:
    from safetensors.torch import load_file

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    manifest, faces = prepare(DATA)
    net = MODELS.build(config.load("vit_grid", "cpu").model).eval()
    load_backbone(net, load_file(trunk_file("small")))
    training = some(manifest.images, "train", FAMILIES)
    rows = np.intersect1d(training.index, train_set(manifest, faces).rows)
    label = torch.from_numpy(np.unique(manifest.images["subject"].to_numpy()[rows], return_inverse=True)[1])
    F = maps(net, faces.crops, rows)
    tested = some(manifest.images, "test", TESTED)
    lists = {"general": protocols.general_pairs(tested, 0, 12), "twin": protocols.twin_pairs(tested, 0, 12)}
    asked = Scored(manifest, faces, lists)
    places = scored_rows(asked)
    G, width = maps(net, faces.crops, np.array(places)), F.shape[3]
    L, R = split_mirror(G)
    embeddings = {"difference of halves, nothing trained": [(L - R).mean(1)]}
    for name, pool in (("FAAM alone", lambda: FAAM(width, heads=2)), ("mean of all places", Mean)):
        with torch.random.fork_rng():
            embeddings[name] = []
            for seed in SEEDS:
                torch.manual_seed(seed)
                trained = train(pool(), F, label, seed)
                with torch.no_grad():
                    embeddings[name].append(trained(G))
    found = []
    for name, several in embeddings.items():
        tables = [score(asked, places, normalize(e).numpy()) for e in several]
        for protocol in lists:
            pairs = tables[0][protocol]
            auc = bootstrap_by(pairs, np.stack([t[protocol]["score"].to_numpy() for t in tables]), "auc", draws=1000)
            found.append((name, protocol, auc.value, auc.low, auc.high, auc.families, auc.seeds, len(rows)))
    table = pd.DataFrame(found, columns=["embedding", "protocol", "auc", "low", "high", "families", "seeds", "images"])
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(paths.results_dir() / "benchmarks/faam_alone.csv", text)
    print(table.to_string())


if __name__ == "__main__":
    main()
