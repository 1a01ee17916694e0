"""Gates of the local-global network before and after training -> results/benchmarks/local_global_{gates,marks}.csv.

Three attentions on a backbone of the smoke profile's size are trained for a few epochs on pairs of rendered faces. The
gates are asked about faces of families that were not trained on (those of the set `smoke`, small enough to be rendered
beside any page), and judged by the moles and scars that the renderer put on them.
Run: `python -m benchmarks.local_global_gates` (about a minute of processor time).
"""

import numpy as np
import pandas as pd
import torch

from twinlib import config
from twinlib.data.feed.trainset import train_set
from twinlib.data.rendered import prepare
from twinlib.figures.exhibits.on_faces import on_marks
from twinlib.figures.exhibits.watched import watched
from twinlib.files import write_text
from twinlib.paths import results_dir
from twinlib.train.pretraining.trunk_network import targets

DATA, ASKED, FAMILIES, PASSES, SHOWN = "default", "smoke", 40, 960, 6
ATTENTIONS = {"cbam": "local_global", "transformer": "local_global_transformer", "spatial": "local_global_spatial"}


def main() -> None:
    torch.set_num_threads(1)
    data = train_set(*prepare(DATA), families=FAMILIES)
    manifest, faces = prepare(ASKED)
    asked = train_set(manifest, faces)  # truth is for its training split; nothing is trained on it here
    marks = targets(manifest, faces, asked.rows).marks.astype(float)
    crops = np.asarray(asked.crops[asked.rows])
    shown = np.linspace(0, len(crops) - 1, SHOWN).astype(int)
    gates, judged = [], []

    @torch.no_grad()
    def look(net):
        maps = net(torch.from_numpy(net.preprocess(crops)), wanted=("attention",))[1]["attention"][:, 0].numpy()
        return [{"maps": maps}]

    for attention, name in ATTENTIONS.items():
        settings = (f"data.name={DATA}", f"data.families={FAMILIES}", f"train.passes={PASSES}",
                    "train.checkpoint_every=100000")  # fmt: skip
        _, table = watched(config.load(name, "smoke", settings), data, look, 10**6)
        for when, maps in (("before", table["maps"].iloc[0]), ("after", table["maps"].iloc[-1])):
            face, y, x = np.indices(maps[shown].shape).reshape(3, -1)
            place = {"attention": attention, "when": when}
            rows = {"face": asked.rows[shown][face], "y": y, "x": x, "gate": maps[shown].ravel()}
            gates.append(pd.DataFrame(rows).assign(**place))
            found = on_marks(maps.astype(float), marks)
            spread = {"within": float(maps.std((1, 2)).mean()), "between": float(maps.std(0).mean())}
            judged.append(place | found._asdict() | {"faces": len(maps)} | spread)
        for kind, whole in (("gates", pd.concat(gates)), ("marks", pd.DataFrame(judged))):
            text = whole.to_csv(index=False, float_format="%.5f", lineterminator="\n")
            write_text(results_dir() / f"benchmarks/local_global_{kind}.csv", text)
        print(pd.DataFrame(judged).to_string(), flush=True)


if __name__ == "__main__":
    main()
