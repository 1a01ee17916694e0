"""Train the rows that pages show under the smoke profile: `python -m book.tools.trained PROFILE DEVICE SEED NAME ...`.

One after the other in one process: for a tiny row, importing torch takes as long as training.
"""

import sys

from twinlib.train.run import run


def main(profile: str, device: str, seed: str, *names: str) -> int:
    """Train each of them from nothing; returns the exit code."""
    for name in names:
        print(run(name, profile, device, int(seed), may_train=True, fresh=True).summary(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
