"""How far a trained AHAN moves when the photograph is mirrored -> results/benchmarks/mirror.csv.

The two by two: absolute or signed difference × what training calls a mirrored photograph. Takes the weights of the four
records, which lie where they were trained, and of each test twin pair of their set a photograph of either twin.
`stream` is FAAM's descriptor, `embedding` the whole network's answer.
Run: `python -m benchmarks.mirror`.
"""

import pandas as pd
import torch

from twinlib.ahan.maps import mirror_ratio
from twinlib.data.feed.augment import flip_boxes, normalise
from twinlib.data.manifest import dataset_root, read_manifest
from twinlib.errors import InputError
from twinlib.faces.find import read_faces
from twinlib.files import write_text
from twinlib.paths import results_dir
from twinlib.train.run import run
from twinlib.train.stored.trained import trained_model

CORNERS = {
    "ahan": ("|A − B|", "a new person"),
    "ahan_flip": ("|A − B|", "the same person"),
    "ahan_signed": ("A − B", "a new person"),
    "ahan_signed_flip": ("A − B", "the same person"),
}  # experiment → form of the difference, what training calls a mirrored photograph
FACES = 200


def embedding_ratio(model, images, boxes, other):
    """The same ratio for the whole network: cosine distances between unit embeddings."""
    mirrored = flip_boxes(boxes, torch.ones(len(boxes), dtype=torch.bool))
    e, m = (torch.nn.functional.normalize(model(x, b)) for x, b in ((images, boxes), (images.flip(3), mirrored)))
    return (e - m).norm(dim=1) / (e - e[other]).norm(dim=1)


def main() -> None:
    rows = []
    for name, (form, flip) in CORNERS.items():
        record = run(name, "cpu")
        if (model := trained_model(record)) is None:
            raise InputError(f"{record.folder.name}: its weights are not on this machine. Run it here first.")
        root = dataset_root(record.record["dataset"])
        manifest, faces = read_manifest(root), read_faces(root / "aligned")
        table = manifest.images.assign(row=range(len(manifest.images)))
        chosen = table[(table["split"] == "test") & (table["relation"] == "mz") & ~faces.canonical]
        first = chosen.groupby(["family", "subject"])["row"].first().groupby("family").filter(lambda g: len(g) == 2)
        used = first.to_numpy()[:FACES]  # twins next to one another
        images = normalise(torch.from_numpy(faces.crops[used]))
        boxes, other = torch.from_numpy(faces.boxes[used]).float(), torch.arange(len(used)) ^ 1
        with torch.no_grad():
            found = {
                "stream": mirror_ratio(model, images, boxes, other),
                "embedding": embedding_ratio(model, images, boxes, other),
            }
        face = table["image"].to_numpy()[used]
        for what, values in found.items():
            rows.append(
                pd.DataFrame(
                    {"run": record.folder.name, "form": form, "flip": flip, "what": what, "image": face}
                ).assign(ratio=values.numpy())
            )
    out = pd.concat(rows)
    print(out.groupby(["form", "flip", "what"])["ratio"].median())
    write_text(results_dir() / "benchmarks/mirror.csv", out.to_csv(index=False, float_format="%.4f"))


if __name__ == "__main__":
    main()
