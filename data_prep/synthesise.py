"""Render a SynTwins set: `python data_prep/synthesise.py smoke`. A thin step around `twinlib.data.syntwins`."""

from pathlib import Path

from jsonargparse import auto_cli

from twinlib.data.syntwins import synthesise


def main(name: str, out: Path | None = None, workers: int | None = None, shard: str = "0/1") -> None:
    """Render one named set.

    Args:
        name: smoke, default, ...
        out: folder of the set; build/data/NAME if left out.
        workers: processes; every usable core if left out.
        shard: i/n renders every n-th family, starting with the i-th (0-based).
    """
    i, n = (int(number) for number in shard.split("/"))
    print(synthesise(name, out, workers, (i, n)))


if __name__ == "__main__":
    auto_cli(main, as_positional=True)
