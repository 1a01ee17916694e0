"""`twinlib inspect`: the pairs of a run as one file to open from disk."""

from pathlib import Path

from twinlib.ranges import Count


def inspect(run: str, out: str = "inspector.html", pairs: Count = 60, store_maps: bool = False) -> None:
    """Write a run's pairs with threshold, counts and attention as one HTML file that works offline.

    Args:
        run: id of a record in results/runs, or the beginning of one.
        out: file to write.
        pairs: faces are shown of so many pairs.
        store_maps: also write the maps beside the records, for machines that have not the weights.
    """
    from twinlib.figures.inspector import inspect_run
    from twinlib.figures.inspector.page import document
    from twinlib.figures.inspector.stored_maps import stored_file, write_maps
    from twinlib.files import write_text
    from twinlib.records.comparison import list_runs

    found = _only(run, list_runs())
    shown = inspect_run(found, pairs, stored=not store_maps)
    write_text(Path(out), document(shown))
    print(f"{out}: {len(shown.pairs)} pairs. {shown.maps_from}")
    if store_maps and shown.maps is not None:
        file = stored_file(found.folder.name)
        write_maps(file, shown.maps)
        print(f"{file.name}: {len(shown.maps.images)} images, {file.stat().st_size / 1000:.0f} kB")


def _only(text: str, runs: list) -> object:
    """The one run whose id begins like this.

    Raises:
        InputError: none or several do.
    """
    from twinlib.errors import InputError

    found = [run for run in runs if run.folder.name.startswith(text)]
    if len(found) != 1:
        known = ", ".join(run.folder.name for run in found or runs) or "none"
        raise InputError(f"{len(found)} runs begin with {text!r}; known: {known}. `twinlib runs` lists them.")
    return found[0]
