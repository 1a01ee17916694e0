"""Which generator drew the faces of a committed measurement."""

import pandas as pd

from twinlib import paths
from twinlib.errors import InputError


def generator_of(*names: str) -> int:
    """Version of the generator whose faces a table of `results/benchmarks/` was measured on.

    Args:
        names: tables, without `.csv`; those that are shown together must be of one version.

    Raises:
        InputError: a table is not listed in `generators.csv`, or they are of several versions.
    """
    file = paths.project_root() / "results/benchmarks/generators.csv"
    known = pd.read_csv(file).set_index("file")["generator_version"]
    if absent := [name for name in names if name not in known]:
        raise InputError(f"{file.name} does not list {absent[0]!r}. Add a line with the version it was measured on.")
    versions = sorted({int(known[name]) for name in names})
    if len(versions) != 1:
        raise InputError(f"{', '.join(names)} are of generator versions {versions}. Measure the older ones again.")
    return versions[0]
