"""Parameters and operations of AHAN by module, counted twice -> results/benchmarks/ahan_costs.csv.

Run: `python benchmarks/ahan_costs.py`; nothing is timed, so the machine does not matter.
"""

import pandas as pd

from twinlib import config
from twinlib.ahan.costs import cost_table
from twinlib.files import write_text
from twinlib.paths import results_dir


def main() -> None:
    networks = {"ViT-B/16, 224 px": config.AHAN(), "cpu profile": config.load("ahan", "cpu").model}
    tables = [cost_table(cfg).assign(network=name) for name, cfg in networks.items()]
    table = pd.concat(tables)[["network", *tables[0].columns.drop("network")]]
    write_text(
        results_dir() / "benchmarks/ahan_costs.csv",
        table.to_csv(index=False, float_format="%.2f", lineterminator="\n"),
    )
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
