"""Two recognisers of photographs on the very pairs of the main table -> results/benchmarks/study_judge.csv.

SFace ships with the package; MobileFaceNet's weights lie in the folder named by TWINLIB_DATA. Neither saw a rendering.
They say how hard the pairs are for a recogniser that works, and are no row of a table: they saw other faces, and many
more. Embeddings are kept in the build folder by parts, so that a run that was stopped goes on.
Run: `python -m benchmarks.study_judge`.
"""

import numpy as np
import pandas as pd
import torch

from benchmarks.rendered import auc_row, embed_by_judge
from twinlib import config, paths
from twinlib.data.rendered import prepare
from twinlib.files import write_text
from twinlib.progress import progress
from twinlib.train.scoring import Scored, score, scored_rows, scored_sets
from twinlib.verify.recognise.sface import SFace

PART = 2000  # images


def embeddings(network: str, scored: Scored, rows: list[int]) -> np.ndarray:
    """Unit embeddings of some rows of a set, in their order."""
    manifest, crops = scored.manifest, scored.faces.crops
    embed = SFace().embed if network == "SFace" else embed_by_judge
    parts = []
    for start in progress(range(0, len(rows), PART), -(-len(rows) // PART), f"{network}, {manifest.root.name}", "part"):
        kept = paths.build_dir() / "judge" / f"{network}-{manifest.root.name}-{manifest.sha256[:12]}-{len(rows)}-{start}.npy"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, embed(np.array(crops[rows[start : start + PART]])))
        parts.append(np.load(kept))
    return np.concatenate(parts)


def main() -> None:
    torch.set_num_threads(1)
    settings = config.load("vit", "cpu")
    lines = []
    for scored in scored_sets(settings, *prepare(settings.data.name)):
        rows = scored_rows(scored)
        for network in ("SFace", "MobileFaceNet"):
            for protocol, pairs in score(scored, rows, embeddings(network, scored, rows)).items():
                test = pairs[pairs["split"] == "test"].reset_index(drop=True)
                found = auc_row(test, test["score"].to_numpy(), 0.95)
                lines.append((network, scored.manifest.root.name, protocol, *found, len(test)))
                print(lines[-1], flush=True)
    columns = ["network", "set", "protocol", "auc", "auc_low", "auc_high", "families", "pairs"]
    text = pd.DataFrame(lines, columns=columns).to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(paths.results_dir() / "benchmarks/study_judge.csv", text)


if __name__ == "__main__":
    main()
