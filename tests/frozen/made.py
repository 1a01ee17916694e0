"""What no rearrangement of the code may change: keys of runs, embeddings, tables (pictures: `golden_images.py`).

`python tests/frozen/made.py keys embeddings tables` writes what is meant to change; say why in the commit.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROWS = {"plain ViT, class token": "vit", "plain ViT, every token": "vit_grid", "AHAN": "ahan"}
DRAWS = 200


def keys() -> dict[str, str]:
    """Hash of what names a run, by experiment and profile."""
    from twinlib import config, files

    return {
        f"{name} {profile}": files.hash_of(config.load(name, profile).key())
        for name in config.experiments()
        for profile in ("smoke", "cpu", "full")
    }


def embeddings() -> dict[str, list[list[float]]]:
    """Embeddings of two images of noise by every network of the registry, small, seed 0, in evaluation mode."""
    import torch
    from small_networks import SMALL

    from twinlib import config

    found = {}
    for name, cfg in SMALL.items():
        torch.manual_seed(0)
        net = config.MODELS.build(cfg).eval()
        size, columns = net.preprocess.size, net.preprocess.columns or (0, net.preprocess.size)
        pixels = np.random.default_rng(0).uniform(-1, 1, (2, 3, size, columns[1] - columns[0]))
        with torch.no_grad():
            found[name] = net(torch.from_numpy(pixels).float()).double().numpy().round(6).tolist()
    return found


def tables() -> dict[str, str]:
    """CSV of the tables of the main chapters, from the committed records named in `runs.json`."""
    from twinlib.records import summary as study
    from twinlib.records.claims import CLAIMS, judge
    from twinlib.records.summary import main_table
    from twinlib.study.row_runs import every_row

    kept = set(json.loads((HERE / "runs.json").read_text()))
    runs = {name: [run for run in some if run.folder.name in kept] for name, some in every_row("cpu").items()}
    runs = {name: some for name, some in runs.items() if some}
    codes = "vit vit_hca vit_faam vit_pair vit_hca_faam vit_hca_pair vit_faam_pair ahan".split()
    ablation = {label: runs.get(name, []) for label, name in zip(study.ABLATION, codes, strict=True)}
    base = next(iter(study.ABLATION))
    helps = {f"{label} helps": label for label in list(study.ABLATION)[1:]}
    judged = [judge(claim, runs, DRAWS) for claim in CLAIMS]
    lines = [
        f"{j.claim.text};{j.published};{j.verdict};"
        + (f"{j.ours.value:.4f};{j.ours.low:.4f};{j.ours.high:.4f}" if j.ours else "")
        for j in judged
    ]
    return {
        "main": main_table({label: runs[name] for label, name in ROWS.items()}, "cpu").to_csv(),
        "ablation": study.ablation_table(ablation, "cpu", DRAWS).to_csv(),
        "differences": study.claims_table(ablation, base, helps, "cpu").to_csv(),
        "cues": study.cue_table(ablation, DRAWS).round(6).to_csv(index=False),
        "claims": "\n".join(lines) + "\n",
    }


def main(chosen: list[str]) -> None:
    for name in chosen:
        made = globals()[name]()
        if name == "tables":
            for table, text in made.items():
                (HERE / f"{table}.csv").write_text(text)
        else:
            (HERE / f"{name}.json").write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
