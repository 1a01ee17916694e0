"""A gate for continuous integration: have twins become more often accepted than an earlier audit's interval allows?"""

from pathlib import Path

from twinlib import files
from twinlib.errors import InputError

REMEDY = "Make it with twinlib audit, and keep its audit.json."


def worse(report: dict, file: Path) -> list[str]:
    """Sentences about each strangers' FMR at which the twins' FMR lies above the baseline's interval; none is good.

    Args:
        report: of this audit.
        file: audit.json of an earlier one.

    Raises:
        InputError: the file is no such report, or of another version of the audit's data.
    """
    before = files.read_json(file)
    if not isinstance(before, dict) or before.get("kind") != report["kind"]:
        raise InputError(f"{file} is no report of an audit. {REMEDY}")
    if before.get("version") != report["version"]:
        raise InputError(f"{file} was made with other pictures or pairs of the audit. {REMEDY}")
    try:
        limits = {row["fmr"]: (float(row["twin"]["value"]), float(row["twin"]["high"])) for row in before["rates"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{file}: its rates cannot be read ({error!r}). {REMEDY}") from error
    now = {row["fmr"]: row["twin"]["value"] for row in report["rates"]}
    if missing := sorted(now.keys() - limits.keys()):
        raise InputError(f"{file}: its rates lack FMR {missing[0]:g} of strangers. {REMEDY}")
    return [
        f"at FMR {fmr:g} of strangers, twins pass at {value:.2%}; the baseline had {limits[fmr][0]:.2%}, "
        f"at most {limits[fmr][1]:.2%}"
        for fmr, value in now.items()
        if value > limits[fmr][1]
    ]
