"""The judge from outside on the very pairs that the committed rows are scored on -> results/benchmarks/study_judge.csv.

MobileFaceNet, trained on photographs of real people, never saw a rendering. It says how hard the pairs are for a
recogniser that works; it is no row of a table, since it saw other faces and other numbers of them.
Run: `python -m benchmarks.study_judge`.
"""

import pandas as pd

from benchmarks.rendered import auc_row, ends, judge, part
from twinlib import config
from twinlib.files import write_text
from twinlib.paths import results_dir
from twinlib.train.scoring import pair_lists


def main() -> None:
    settings = config.load("vit", "cpu")
    here = part(settings.data.name, images=10**6)
    e, rows = judge(here), []
    shown = set(here.images["image"])
    for protocol, pairs in pair_lists(here.manifest, settings.evaluate.pairs).items():
        test = pairs[pairs["split"] == "test"]
        found = test[test["image_a"].isin(shown) & test["image_b"].isin(shown)].reset_index(drop=True)
        a, b = ends(found, here)
        rows.append((here.name, protocol, *auc_row(found, (e[a] * e[b]).sum(1), 0.95), len(found)))
        print(rows[-1], flush=True)
    columns = ["set", "protocol", "auc", "auc_low", "auc_high", "families", "pairs"]
    text = pd.DataFrame(rows, columns=columns).to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(results_dir() / "benchmarks/study_judge.csv", text)


if __name__ == "__main__":
    main()
