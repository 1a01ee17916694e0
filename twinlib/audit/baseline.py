"""A gate for continuous integration: are twins accepted more often than an earlier audit's interval allows?"""

import math
from pathlib import Path
from typing import NamedTuple

from twinlib import files
from twinlib.audit.audited import KIND
from twinlib.errors import InputError

REMEDY = "Make one with twinlib audit and keep its audit.json."


class Baseline(NamedTuple):
    """An earlier audit.

    Attributes:
        file: it was read from.
        version: of the pictures and pairs.
        limits: FMR of strangers -> the twins' FMR and the upper end of its interval.
    """

    file: Path
    version: object
    limits: dict[float, tuple[float, float]]


def read(file: Path) -> Baseline:
    """Read an audit.json.

    Raises:
        InputError: the file is no such report, or has a rate that is no number.
    """
    before = files.read_json(file)
    if not isinstance(before, dict) or before.get("kind") != KIND:
        raise InputError(f"{file} is no report of an audit. {REMEDY}")
    try:
        limits = {row["fmr"]: (float(row["twin"]["value"]), float(row["twin"]["high"])) for row in before["rates"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{file}: its rates cannot be read ({error!r}). {REMEDY}") from error
    if not all(math.isfinite(number) for row in limits.values() for number in row):  # nothing is above NaN
        raise InputError(f"{file}: its rates hold NaN or infinity. {REMEDY}")
    return Baseline(file, before.get("version"), limits)


def refuse_other(before: Baseline, version: object) -> None:
    """Refuse a baseline that was made with other pictures or pairs.

    Raises:
        InputError: it is one.
    """
    if before.version != version:
        raise InputError(f"{before.file} was made with other pictures or pairs of the audit. {REMEDY}")


def worse(report: dict, before: Baseline) -> list[str]:
    """Sentences about each strangers' FMR at which the twins' FMR lies above the baseline's interval; none is good.

    Args:
        report: of this audit.
        before: of an earlier one.

    Raises:
        InputError: it lacks a rate, or is of another version of the audit's data.
    """
    refuse_other(before, report["version"])
    now = {row["fmr"]: row["twin"]["value"] for row in report["rates"]}
    if missing := sorted(now.keys() - before.limits.keys()):
        raise InputError(f"{before.file}: its rates lack FMR {missing[0]:g} of strangers. {REMEDY}")
    return [
        f"at FMR {fmr:g} of strangers, twins pass at {value:.2%}; the baseline had {before.limits[fmr][0]:.2%}, "
        f"at most {before.limits[fmr][1]:.2%}"
        for fmr, value in now.items()
        if value > before.limits[fmr][1]
    ]
