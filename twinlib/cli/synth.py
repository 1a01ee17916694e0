"""Commands around the rendered sets."""

from pathlib import Path

from twinlib.errors import InputError
from twinlib.ranges import Count


def synth(name: str, out: str | None = None, workers: Count | None = None, estimate: bool = False) -> None:
    """Render a synthetic twin set.

    Args:
        name: a named set, e.g. smoke or default; `twinlib synth-sets` lists them.
        out: folder to write into; build/data/NAME if not given.
        workers: processes; all cores if not given.
        estimate: only print how many images it has and how long it will take.
    """
    from twinlib import paths
    from twinlib.data.rendered import expected_cost, find_set, synthesise

    if estimate:
        print(f"{name}: {expected_cost(find_set(name))}")
        return
    print(synthesise(name, Path(out) if out else paths.data_dir() / name, workers))


def synth_sets() -> None:
    """List the named synthetic sets, with their purpose, size and rendering time."""
    from twinlib.data.rendered import PURPOSES, SETS, expected_cost

    for name, config in SETS.items():
        print(f"{name:34} {PURPOSES[name]}\n{'':34} {expected_cost(config)}")


def synth_audit(name: str, json: str | None = None) -> None:
    """Audit a rendered set: counts, balance, factors, duplicates, leakage, sizes of the cues in pixels.

    Args:
        name: name or folder of a rendered set.
        json: file to which the tables are also written.
    """
    from twinlib.data.manifest import dataset_root
    from twinlib.data.rendered import audit_set
    from twinlib.files import write_json

    audit = audit_set(dataset_root(name))
    print(audit)
    if json is not None:
        write_json(Path(json), audit.plain())
    if audit.problems:
        raise InputError(f"{name} is not sound: {'; '.join(audit.problems)}. Render it again.")


def synth_card(name: str, out: str | None = None) -> None:
    """Write the data card of a rendered set: Croissant, a JSON-LD description that data catalogues read.

    Args:
        name: name or folder of a rendered set.
        out: file to write; croissant.json in the set's folder if not given.
    """
    from twinlib.data.manifest import dataset_root
    from twinlib.data.rendered import croissant
    from twinlib.files import write_json

    root = dataset_root(name)
    file = Path(out) if out else root / "croissant.json"
    write_json(file, croissant(root))
    print(file)
