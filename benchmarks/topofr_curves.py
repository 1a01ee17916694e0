"""TopoFR's Figures 2 (a, c, d), 4 and 5 in kind -> results/benchmarks/topofr_{curves,batches,entropies}.csv.

Residual networks of the smoke profile's size (10 and 18 layers, 8 channels at first; the paper's have 50 to 200 and 64)
are trained for a few epochs on rendered faces with ArcFace alone, with direct alignment (the paper's variant A) and
with TopoFR. While they train, and for many batches at the end, the discrepancy between the components of images and
embeddings is measured on training faces and on faces of test families. One seed. The files are written after
each training, so that a run that was stopped leaves those it finished.
Run: `python -m benchmarks.topofr_curves` (four minutes of processor time).
"""

import numpy as np
import pandas as pd
import torch

from twinlib import config
from twinlib.data.feed.trainset import TrainSet, train_set
from twinlib.data.rendered import prepare
from twinlib.faces.crops import Crop
from twinlib.figures.exhibits.watched import watched
from twinlib.files import write_text
from twinlib.methods.topofr.components import batch_discrepancies
from twinlib.methods.topofr.sde import entropies
from twinlib.models.features import features
from twinlib.paths import results_dir

DATA, FAMILIES, PASSES, EVERY = "default", 40, 1440, 10
RUNS = {"ArcFace": "topofr_plain", "TopoFR-A, no perturbation": "topofr_direct", "TopoFR": "topofr"}
DEPTHS, SEEDS = (10, 18), (0,)
FACES, BATCH, SIZES = 128, 64, (16, 32, 64, 128)
SCALE = 24.0  # of the logits, as in training


def fixed(data: TrainSet, count: int) -> np.ndarray:
    """Places of so many images, spread over the whole set."""
    return np.linspace(0, len(data.rows) - 1, count).astype(int)


def coordinates(crops: np.ndarray) -> np.ndarray:
    """Points with the distances of the images, over the largest possible one, in as few dimensions as can be."""
    x = crops.reshape(len(crops), -1) / 255.0
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    return u * s / np.sqrt(x.shape[1])


def embedded(net: torch.nn.Module, data: TrainSet, places: np.ndarray) -> np.ndarray:
    """Embeddings as the alignment sees them, not scaled."""
    crops = [Crop(np.asarray(data.crops[row]), data.boxes[row], True) for row in data.rows[places]]
    return features(net, crops, len(crops), batch=256, flip=False).e


def medians(x: np.ndarray, e: np.ndarray) -> dict[str, float]:
    """Median discrepancy of a few batches: without units, and in the unit of the alignment loss."""
    own = batch_discrepancies(x, e, BATCH, 5, scaled=False)
    return {"discrepancy": float(np.median(batch_discrepancies(x, e, BATCH, 5))), "aligned": float(np.median(own))}


def predictions(net: torch.nn.Module, data: TrainSet) -> pd.DataFrame:
    """Entropy of every second training image's prediction by the class means of the others, and whether it is right."""
    e = embedded(net, data, np.arange(len(data.rows)))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    asked = np.arange(len(e)) % 2 == 1
    means = np.stack([e[~asked & (data.subject == s)].mean(0) for s in range(data.subjects)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    logits = SCALE * torch.from_numpy(e[asked] @ means.T).double()
    right = logits.argmax(1).numpy() == data.subject[asked]
    return pd.DataFrame({"entropy": entropies(logits.softmax(1)).numpy(), "right": right})


def save(name: str, tables: list[pd.DataFrame]) -> None:
    text = pd.concat(tables).to_csv(index=False, float_format="%.5g", lineterminator="\n")
    write_text(results_dir() / f"benchmarks/topofr_{name}.csv", text)


def main() -> None:
    torch.set_num_threads(1)
    manifest, faces = prepare(DATA)
    sets = {
        "training": train_set(manifest, faces, families=FAMILIES),
        "test": train_set(manifest, faces, "test", families=FAMILIES),
    }
    asked = {name: fixed(data, FACES) for name, data in sets.items()}
    pixels = {name: coordinates(np.asarray(data.crops[data.rows[asked[name]]])) for name, data in sets.items()}
    curves, batches = [], []

    def look(net):
        seen = {name: medians(pixels[name], embedded(net, data, asked[name])) for name, data in sets.items()}
        return [{"faces": name} | found for name, found in seen.items()]

    for seed in SEEDS:
        for depth in DEPTHS:
            for label, name in RUNS.items():
                settings = (f"data.name={DATA}", f"data.families={FAMILIES}", "data.flip=none", f"model.depth={depth}",
                            f"train.passes={PASSES}", "train.checkpoint_every=100000")  # fmt: skip
                net, table = watched(config.load(name, "smoke", settings, seed), sets["training"], look, EVERY)
                place = {"run": label, "depth": depth, "seed": seed}
                curves.append(table.drop(columns="step").assign(**place))
                for of, data in sets.items():
                    e = embedded(net, data, asked[of])
                    for size in SIZES:
                        draws = 1 if size == FACES else 40
                        found = batch_discrepancies(pixels[of], e, size, draws)
                        own = batch_discrepancies(pixels[of], e, size, draws, scaled=False)
                        rows = {"faces": of, "size": size, "discrepancy": found, "aligned": own}
                        batches.append(pd.DataFrame(rows).assign(**place))
                save("curves", curves)
                save("batches", batches)
                if (label, depth, seed) == ("TopoFR", DEPTHS[0], SEEDS[0]):
                    save("entropies", [predictions(net, sets["training"])])
                print(place, table.groupby("faces").last().to_string(), flush=True)


if __name__ == "__main__":
    main()
