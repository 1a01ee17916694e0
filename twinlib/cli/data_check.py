"""Commands that inspect your own data set."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twinlib.errors import InputError
from twinlib.ranges import Count

if TYPE_CHECKING:
    from twinlib.data.check.report import Report


def validate(
    source: str,
    pairs: str | None = None,
    out: str | None = None,
    workers: Count | None = None,
    json: bool = False,
    follow_links: bool = False,
) -> None:
    """Check files, people and families; exit code 2 if something would make results wrong.

    Args:
        source: a data set, a folder with a subfolder for each person, or a zip.
        pairs: list of twins or pairs, if it is not in the folder.
        out: folder for report.json and images.csv; by default check/ in the data set, or build/data/NAME/check.
        workers: processes; all cores if not given.
        json: print JSON.
        follow_links: follow links that lead outside the folder.
    """
    report = _check(source, pairs, out, workers, follow_links)
    print(report.as_json() if json else _text(report))
    if report.errors:
        named = "; ".join(f"{one.what} ({one.count})" for one in report.errors)
        raise InputError(f"{len(report.errors)} errors to fix: {named}. Details: {report.out / 'images.csv'}.")


def analyse(
    source: str,
    pairs: str | None = None,
    out: str | None = None,
    workers: Count | None = None,
    json: bool = False,
    follow_links: bool = False,
) -> None:
    """Report how many images, people and families there are, and their size and quality.

    Args:
        source: a data set, a folder with a subfolder for each person, or a zip.
        pairs: list of twins or pairs, if it is not in the folder.
        out: folder for report.json and images.csv; by default check/ in the data set, or build/data/NAME/check.
        workers: processes; all cores if not given.
        json: print JSON.
        follow_links: follow links that lead outside the folder.
    """
    report = _check(source, pairs, out, workers, follow_links)
    print(report.as_json() if json else f"{_text(report)}\n{_measured(report.numbers['measured'])}")
    _refuse_unreadable(report)


def quality(
    source: str, worst: Count = 20, out: str | None = None, workers: Count | None = None, follow_links: bool = False
) -> None:
    """List the pictures worth looking at: small, blurred, dark, bright or flat ones.

    Args:
        source: a data set, a folder or a zip.
        worst: how many to print, the least sharp first; images.csv holds all.
        out: folder for report.json and images.csv.
        workers: processes; all cores if not given.
        follow_links: follow links that lead outside the folder.
    """
    report = _check(source, None, out, workers, follow_links)
    names = ["small", "blurred", "dark", "bright", "flat"]
    poor = report.images[report.images[names].any(axis=1)].sort_values("sharpness", kind="stable")
    for row in poor.head(worst).to_dict("records"):
        said = ", ".join(name for name in names if row[name])
        print(f"{row['image']}: {said} ({row['width']} × {row['height']} px, sharpness {row['sharpness']:.1f})")
    print(f"{len(poor)} of {len(report.images)} pictures; all measurements: {report.out / 'images.csv'}")
    _refuse_unreadable(report)


def alignment(
    source: str,
    pairs: str | None = None,
    points: str | None = None,
    out: str | None = None,
    workers: Count | None = None,
    json: bool = False,
    follow_links: bool = False,
) -> None:
    """Report what the face detector finds: faces, several faces, their size, pose and symmetry.

    Args:
        source: a data set, a folder with a subfolder for each person, or a zip.
        pairs: list of twins or pairs, if it is not in the folder.
        points: CSV with five points for each image, used instead of the detector.
        out: folder for report.json and images.csv.
        workers: processes; all cores if not given.
        json: print JSON.
        follow_links: follow links that lead outside the folder.
    """
    report = _check(source, pairs, out, workers, follow_links, True, points)
    faces = report.numbers["faces"]
    told = {name: value for name, value in faces.items() if name != "measured"}
    lines = [f"{name}: {value}" for name, value in told.items()]
    print(report.as_json() if json else "\n".join([*lines, _measured(faces["measured"])]))
    _refuse_unreadable(report)


def report(
    source: str,
    pairs: str | None = None,
    points: str | None = None,
    faces: bool = True,
    gallery: Literal["synthetic", "local"] = "synthetic",
    out: str | None = None,
    workers: Count | None = None,
    follow_links: bool = False,
) -> None:
    """Write everything as one HTML page of figures, next to the machine-readable report.json.

    Args:
        source: a data set, a folder with a subfolder for each person, or a zip.
        pairs: list of twins or pairs, if it is not in the folder.
        points: CSV with five points for each image, used instead of the detector.
        faces: run the face detector.
        gallery: local puts photographs of people on the page; otherwise it has none.
        out: folder to write into.
        workers: processes; all cores if not given.
        follow_links: follow links that lead outside the folder.
    """
    from twinlib import files
    from twinlib.figures.dataset import page

    done = _check(source, pairs, out, workers, follow_links, faces, points)
    files.write_text(done.out / "report.html", page(done, _place(source), gallery))
    print(done.out / "report.html")
    _refuse_unreadable(done)


def _place(source: str) -> Path:
    """The folder or zip; a name that is neither is that of a data set."""
    from twinlib.data.manifest import dataset_root

    return Path(source) if Path(source).exists() else dataset_root(source)


def _check(
    source: str,
    pairs: str | None,
    out: str | None,
    workers: Count | None,
    follow_links: bool,
    faces: bool = False,
    points: str | None = None,
) -> "Report":
    from twinlib.data.check.report import check
    from twinlib.faces.faceparts import read_points

    five = read_points(Path(points)) if points else None
    listed, folder = Path(pairs) if pairs else None, Path(out) if out else None
    return check(_place(source), listed, faces, folder, workers, five, follow_links)


def _refuse_unreadable(report: "Report") -> None:
    """Fail, after printing the report, if so many images are unreadable that it means nothing."""
    from twinlib.faces.photos import refuse_unreadable

    bad = report.images["reason"][~report.images["readable"]]
    refuse_unreadable(bad.tolist(), len(report.images), str(report.out / "images.csv"))


def _text(report: "Report") -> str:
    n = report.numbers
    lines = [f"{n['images']} images, {n['readable']} readable, {n['subjects']} people, {n['families']} families"]
    for one in report.found:
        examples = "".join(f"\n    {text}" for text in one.examples[:3])
        lines.append(f"{one.severity}: {one.count} {one.what}. {one.remedy}{examples}")
    return "\n".join(lines)


def _measured(values: dict[str, dict[str, float]]) -> str:
    """Quantiles as a small table."""
    import pandas as pd

    return pd.DataFrame(values).T.to_string(float_format=lambda v: f"{v:.4g}")


COMMANDS: dict[str, Callable[..., None]] = {
    "validate": validate,
    "analyse": analyse,
    "quality": quality,
    "alignment": alignment,
    "report": report,
}
