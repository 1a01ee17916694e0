"""`twinlib sweep`: experiments × seeds, shared out over GPUs, machines or the tasks of an array."""

import sys

from twinlib.errors import InputError


def sweep(
    experiments: str,
    seeds: str = "0-4",
    profile: str = "cpu",
    device: str = "auto",
    shard: str = "0/1",
    set: str = "",
    dry: bool = False,
) -> None:
    """Run experiments with several seeds, one after the other; what has a record is left alone.

    Args:
        experiments: names of experiments, or paths of YAML files, with commas between.
        seeds: e.g. 0-4 or 0,3,7.
        profile: smoke, cpu or full.
        device: auto, cpu or cuda.
        shard: i/n takes every n-th run, starting with the i-th (0-based): one a GPU, machine or task.
        set: overrides for all runs, with blanks between, e.g. "train.lr=1.0e-3 train.groups=8".
        dry: only list the runs.
    """
    from twinlib.config import load
    from twinlib.train.run import run

    i, n = shard_of(shard)
    given, names = tuple(set.split()), [name.strip() for name in experiments.split(",")]
    jobs = [(name, seed) for name in names for seed in seeds_of(seeds)]
    for name, seed in jobs:
        load(name, profile, given, seed)  # a typing error is refused before the first run, not after the third
    mine = jobs[i::n]
    failed = []
    for number, (name, seed) in enumerate(mine, start=1):
        print(f"{number}/{len(mine)} {name} seed {seed}", flush=True)
        if dry:
            continue
        try:
            run(name, profile, device, seed, given, may_train=True)
        except InputError as error:  # the others may still work
            print(f"twinlib sweep: {name} seed {seed}: {error}", file=sys.stderr, flush=True)
            failed.append(f"{name} seed {seed}")
    if failed:
        raise InputError(f"{len(failed)} of {len(mine)} runs failed: {', '.join(failed)}. Run the command again.")


def shard_of(text: str) -> tuple[int, int]:
    """(i, n) from i/n.

    Raises:
        InputError: unless 0 <= i < n.
    """
    i, _, n = text.partition("/")
    if not (i.isdigit() and n.isdigit() and int(i) < int(n)):
        raise InputError(f"shard must be i/n with i from 0 to n − 1, e.g. 0/4 for the first of four; found {text!r}.")
    return int(i), int(n)


def seeds_of(text: str) -> list[int]:
    """Seeds from 0-4 or 0,3,7, each once, rising.

    Raises:
        InputError: for anything else.
    """
    seeds: list[int] = []
    for piece in text.split(","):
        first, dash, last = piece.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or (dash and int(last) < int(first)):
            raise InputError(f"seeds must read like 0-4 or 0,3,7; found {text!r}.")
        seeds += range(int(first), int(last or first) + 1)
    return sorted(dict.fromkeys(seeds))
