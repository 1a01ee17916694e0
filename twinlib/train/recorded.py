"""The records that are there of a list of experiments, without training any."""

from collections.abc import Mapping

from twinlib.errors import InputError
from twinlib.records.runs import Run
from twinlib.train.run import run


def recorded(names: Mapping[str, str], profile: str, seed: int = 0) -> tuple[dict[str, Run], list[str]]:
    """Records by label, and the experiments without one.

    Args:
        names: label → experiment.
        profile: smoke, cpu or full.
        seed: of the runs.

    Returns:
        Label → record in the order given; and the names that a page must show as gaps.
    """
    found: dict[str, Run] = {}
    missing = []
    for label, name in names.items():
        try:
            found[label] = run(name, profile, seed=seed, may_train=False)
        except InputError as error:
            if "no record of" not in str(error):
                raise
            missing.append(name)
    return found, missing
