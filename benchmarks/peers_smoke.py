"""Processor time of every experiment under smoke, one after the other in one process.

Writes results/benchmarks/peers_smoke.csv: a row an experiment, before them a row for the imports and one for the data
set. Records go into a build folder of their own. Run: `python benchmarks/peers_smoke.py`.
"""

import os
import resource
import tempfile
import time

START = time.process_time()
PROFILE = "smoke"


def spent() -> float:
    """Processor seconds of this process and of the children that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> None:
    """Run every experiment from nothing and write the table."""
    import pandas as pd
    import torch

    from twinlib import config, files, paths
    from twinlib.data.rendered import prepare
    from twinlib.train.run import run

    torch.set_num_threads(1)
    rows = [("imports", "", spent() - START)]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TWINLIB_BUILD"] = folder
        before = spent()
        prepare("smoke", 112)
        rows.append(("data set", "", spent() - before))
        for name in config.experiments():
            before = spent()
            run(name, PROFILE, "cpu", fresh=True)
            rows.append((name, config.load(name, PROFILE).model_name, spent() - before))
            print(*rows[-1], flush=True)
    table = pd.DataFrame(rows, columns=["what", "network", "processor_s"]).round(2)
    files.write_text(paths.results_dir() / "benchmarks/peers_smoke.csv", table.to_csv(index=False))
    print(f"{table['processor_s'].sum():.0f} s of processor time for {len(table) - 2} experiments")


if __name__ == "__main__":
    main()
