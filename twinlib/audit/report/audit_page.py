"""The report of an audit as one page of HTML that loads nothing: light, dark, and as narrow as a telephone."""

from html import escape

from twinlib.audit.report.score_lines import NAMES, curves

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --soft: #f1f1ef; --line: #8a8a8a;
  --genuine: #1f5fbf; --twin: #b3261e; --sibling: #8a5a00; --alike: #5f6b00; --stranger: #555; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #161616; --soft: #242424; --line: #8a8a8a;
  --genuine: #8ab4ff; --twin: #ff8f86; --sibling: #f0b95a; --alike: #c3cf5f; --stranger: #b5b5b5; } }
* { box-sizing: border-box; }
body { font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.lead { font-size: 1.15rem; }
.note { background: var(--soft); border-left: 4px solid var(--line); padding: .6rem 1rem; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid var(--genuine); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: right; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { text-align: left; } thead th { vertical-align: bottom; }
td small { display: block; white-space: nowrap; }
figure { margin: 1rem 0; } figure > svg { width: 100%; height: auto; background: var(--soft); }
polyline { fill: none; stroke: var(--line); stroke-width: 2; } .mark { stroke: var(--ink); stroke-dasharray: 3 3; }
svg text { fill: var(--ink); font-size: 13px; }
.genuine { stroke: var(--genuine); } .twin { stroke: var(--twin); } .sibling { stroke: var(--sibling); }
.alike { stroke: var(--alike); } .stranger { stroke: var(--stranger); }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit of {name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{style}</style></head><body><main>
<h1>Audit of {name}</h1>
{body}
</main></body></html>
"""


def page(report: dict) -> str:
    """The page.

    Args:
        report: of `audited`, after a way through JSON or not.
    """
    parts = [_lead(report), _shift(report), _rates(report), _causes(report), _bins(report), _gallery(report)]
    parts += [_policies(report), _own(report), _measured(report)]
    return PAGE.format(name=escape(report["name"]), style=STYLE, body="\n".join(part for part in parts if part))


def per_cent(value: float) -> str:
    """A rate, with as many digits as it needs."""
    return f"{value:.1%}" if value >= 0.0995 else f"{value:.2%}" if value >= 0.00095 else f"{value:.3%}"


def cell(rate: dict) -> str:
    """A rate and its interval."""
    exact = "" if rate.get("interval") == "families" else "*"
    return f"{per_cent(rate['value'])}<small>{per_cent(rate['low'])} to {per_cent(rate['high'])}{exact}</small>"


def table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    """A table that scrolls by itself where it is too wide; cells are HTML already, caption and head are text."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{one}</td>" for one in row[1:])}</tr>' for row in rows
    )
    label = escape(caption)
    inner = f"<table><caption>{label}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" role="region" tabindex="0" aria-label="{label}">{inner}</div>'


def _at(report: dict) -> dict:
    return next(row for row in report["rates"] if row["fmr"] == report["at_fmr"])


def _lead(report: dict) -> str:
    row = _at(report)
    twin = row["twin"]
    said = (
        f"At the threshold that {per_cent(row['fmr'])} of strangers pass, <strong>identical twins pass in "
        f"{per_cent(twin['value'])}</strong> of comparisons ({per_cent(twin['low'])} to {per_cent(twin['high'])})"
    )
    if "sibling" in row:
        said += f", siblings in {per_cent(row['sibling']['value'])}"
    said += f"; one person is refused in {per_cent(row['genuine']['value'])}."
    return f'<p class="lead">{said}</p><p class="note">{escape(report["note"])}</p>'


def _shift(report: dict) -> str:
    marks = {f"FMR {row['fmr']:g}": row["threshold"] for row in report["rates"]}
    rows = [[NAMES[kind], f"{one['mean']:.3f}", f"{one['sd']:.3f}"] for kind, one in report["shift"].items()]
    own = report.get("own") or {}
    rows += [[f"own pairs: {NAMES[kind]}", f"{one['mean']:.3f}", ""] for kind, one in own.get("scores", {}).items()]
    return (
        "<h2>First, the shift</h2><p>Rendered strangers may score much higher than strangers on photographs do. "
        "Thresholds are therefore set on the rendered strangers, and one of photographs is not used on them.</p>"
        + curves(report["shift"], report["edges"], marks)
        + table("Scores", ["pairs", "mean", "standard deviation"], rows)
    )


def _rates(report: dict) -> str:
    kinds = [kind for kind in ("alike", "sibling", "twin") if kind in report["rates"][0]]
    head = ["FMR of strangers", "threshold", "FNMR", *(f"FMR of {NAMES[kind]}" for kind in kinds)]
    rows = [
        [per_cent(row["fmr"]), f"{row['threshold']:.4f}", *(cell(row[kind]) for kind in ("genuine", *kinds))]
        for row in report["rates"]
    ]
    return "<h2>Error rates</h2>" + table("Rates with 95 % intervals", head, rows)


def _causes(report: dict) -> str:
    rows = [
        [escape(row["label"]), f"{row['auc']:.3f}", cell(row["fnmr"]), cell(row["twins_fmr"])]
        for row in report["causes"]
    ]
    caption = f"Twins that differ in one cause alone, at FMR {report['at_fmr']:g} of strangers"
    said = "Where nothing differs, a twin is the person: twins pass as often as the person does."
    return f"<h2>What tells twins apart</h2><p>{said}</p>" + table(
        caption, ["difference", "AUC", "FNMR", "FMR of twins"], rows
    )


def _bins(report: dict) -> str:
    rows = [
        [f"{escape(row['label'])}: {escape(row['bin'])}", cell(row["fnmr"]), cell(row["twins_fmr"])]
        for row in report["bins"]
    ]
    if not rows:
        return ""
    caption = f"Pictures that differ more, at the same threshold (FMR {report['at_fmr']:g})"
    return "<h2>Pose, age, light, cover</h2>" + table(caption, ["pair", "FNMR", "FMR of twins"], rows)


def _gallery(report: dict) -> str:
    found = report["gallery"]
    if isinstance(found, str):
        return f"<h2>Searches</h2><p>Not measured: {escape(found)}.</p>"
    head = ["images a template", "twin first", "another first", "person without relatives: wrong first",
            "false positive, twin enrolled", "missed"]  # fmt: skip
    names = ("rank1_twin", "rank1_other", "rank1_wrong_without_relative", "fpir_twin_enrolled", "missed")
    rows = [[str(row["templates"]), *(cell(row[n]) if n in row else "too few" for n in names)] for row in found]
    said = (
        f"{found[0]['enrolled']} people are enrolled, twins among them. The last two columns are at the threshold that "
        f"{per_cent(found[0]['fpir'])} of searches reach when no relative is enrolled."
    )
    return f"<h2>Searches with the twin enrolled</h2><p>{said}</p>" + table("Searches of twins", head, rows)


def _policies(report: dict) -> str:
    found, parts = report["policies"], ["<h2>What helps, and what it costs</h2>"]
    rows = [[per_cent(r["twins_fmr"]), f"{r['threshold']:.4f}", cell(r["fnmr"])] for r in found["stricter"]]
    caption = "A threshold of their own for people known to have a twin"
    parts.append(table(caption, ["FMR of twins kept", "threshold", "FNMR"], rows))
    if isinstance(found["best_of"], str):
        parts.append(f"<p>Several enrolled images: not measured, {escape(found['best_of'])}.</p>")
    else:
        rows = [[str(r["images"]), cell(r["fnmr"]), cell(r["twins_fmr"])] for r in found["best_of"]]
        caption = f"The best of several enrolled images, FMR {report['at_fmr']:g} of strangers"
        parts.append(table(caption, ["images", "FNMR", "FMR of twins"], rows))
    two = found["second_factor"]
    parts.append(
        f"<p>A second factor that a twin passes in {per_cent(two['assumed']['accepts_twin'])} and the owner fails in "
        f"{per_cent(two['assumed']['fails_owner'])} of cases (assumed, not measured, and independent of the face) "
        f"would leave an FMR of twins of {per_cent(two['twins_fmr'])} and an FNMR of {per_cent(two['fnmr'])}.</p>"
    )
    return "".join(parts)


def _own(report: dict) -> str:
    own = report.get("own")
    if not own:
        return ""
    rows = [
        [name, cell(own[key]), str(own[key]["pairs"])]
        for key, name in {"fnmr": "FNMR", **{f"fmr_{k}": f"FMR of {NAMES[k]}" for k in NAMES}}.items()
        if key in own
    ]
    said = f"{own['pairs']} pairs"
    said += f", {own['left_out']} left out, as a photograph could not be used" if own["left_out"] else ""
    if "threshold" in own:
        said += f". Threshold {own['threshold']:.4f} ({escape(own['threshold_source'])})"
    shown = table("Rates at that threshold, exact 95 % intervals", ["", "rate", "pairs"], rows) if rows else ""
    return f"<h2>Your own pairs</h2><p>{said}.</p>{shown}"


def _measured(report: dict) -> str:
    counts = ", ".join(f"{count} of {NAMES[kind]}" for kind, count in report["pairs"].items())
    notes = "".join(f"<li>{escape(text)}</li>" for text in report.get("notes", []))
    return (
        f"<h2>How it was measured</h2><p>{report['images']} rendered pictures; pairs: {counts}. Intervals draw "
        "families; those with an asterisk are exact binomial ones, because no draw differs. Faces are aligned by the "
        f"renderer's own points. twinlib {escape(report['twinlib'])}, pairs of version {report['version']['protocol']}."
        "</p>" + (f"<ul>{notes}</ul>" if notes else "")
    )
