"""The command that scores trained runs on one more data set."""


def score(run: str, dataset: str, device: str = "auto") -> None:
    """Score a trained run on the twins of one more data set; its record grows by a protocol.

    Args:
        run: id of a record, the beginning of one, or the name of an experiment (all its records).
        dataset: name of a data set, or its folder.
        device: auto, cpu or cuda.
    """
    from twinlib.errors import InputError
    from twinlib.progress import progress
    from twinlib.records.comparison import list_runs, matching
    from twinlib.train.stored.further import score_further

    runs = list_runs()
    if not (found := matching(runs, run)):
        known = ", ".join(sorted({one.record["name"] for one in runs})) or "none"
        raise InputError(f"no run is called {run!r}; experiments with records: {known}. `twinlib runs` lists them.")
    for one in progress(found, len(found), f"twins of {dataset}", "run"):
        print(score_further(one, dataset, device).summary())
