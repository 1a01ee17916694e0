"""Equal tuning: six short trials a row for weight decay and margin, then three whole ones for the learning rate.

Learning rate, weight decay and margin stand at three levels each around the row's own settings, every level twice
(our choice). Each setting is trained on a quarter of the row's images with one seed; the weight decay and the margin of
the best are kept. The learning rate is then chosen on all of the row's images: a quarter of them favours a rate that
leaves the start as it is, the more so the more new weights a row has. Trials are judged by the twin AUC of validation
families alone; no test family is scored. If the best has the highest or lowest level of what is being chosen, the next
level beyond is tried, until it is inside or `ROUNDS` are over; then its line says so.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

from twinlib import files, paths
from twinlib.config import Experiment
from twinlib.data.rendered import prepare
from twinlib.errors import InputError
from twinlib.study.rows import Row, write_tuning
from twinlib.train.locks import claim
from twinlib.train.lookup import claim_of, key_of
from twinlib.train.pretraining.start import starting_weights
from twinlib.train.run import resolve_device
from twinlib.version import TRAINING

SHARE, SEED, ROUNDS = 0.25, 0, 3
RATES = (1, 0, 2)  # levels of the learning rate on all images: the whole length bears more than a quarter
FACTORS = {"lr": 2.0, "weight_decay": 4.0, "margin": 2.0}  # what one level up multiplies
MARGINS = ("m", "l_margin", "u_margin")  # fields of a loss that are margins
Point = tuple[int, ...]  # a level a factor, 0 = the row's own
POINTS: list[Point] = [(0, 0, 0), (-1, 0, 1), (-1, 1, -1), (0, -1, 1), (1, -1, -1), (1, 1, 0)]


def tune(row: Row, file: Path) -> str:
    """Choose the settings of a row and write what was tried into the table.

    Args:
        row: of the table; what was chosen for it before is not used.
        file: the table of tuning, `tuning.csv`.

    Returns:
        What was chosen, in a line.
    """
    own = replace(row, tuned=None).of(SEED)
    short = _search(own, quarter(own), POINTS, follow=(1, 2))
    (_, decay, margin), _ = short[_best(short)]
    long = _search(own, own, [(rate, decay, margin) for rate in RATES], follow=(0,))
    best, edge = _best(long), ", ".join([*_at_edge(long, (0,)), *_at_edge(short, (1, 2))])
    lines: list[dict[str, object]] = [
        {"row": row.name, "settings": text, "auc": auc, "passes": of.train.passes,
         "edge": edge if of is own and text == best else "", "chosen": int(of is own and text == best)}
        for tried, of in ((short, quarter(own)), (long, own)) for text, (_, auc) in tried.items()
    ]  # fmt: skip
    with claim("tuning-table"):
        write_tuning(file, lines)
    if edge:
        print(f"warning: {row.name}: the best of {len(lines)} settings lies at the edge of {edge}.", file=sys.stderr)
    chosen = best or "its own settings"
    return f"{row.name}: {chosen}, AUC {long[best][1]:.3f} on validation families, {len(lines)} tried"


Tried = dict[str, tuple[Point, float]]  # settings → level and AUC; two points may be the same settings


def _search(own: Experiment, length: Experiment, points: list[Point], follow: Sequence[int]) -> Tried:
    """Trials at these points, and beyond them where the best lies at the edge of a factor that is followed.

    Args:
        own: whose settings the levels count from.
        length: the same, with the images of a trial.
        points: to begin with.
        follow: indices of `FACTORS`.
    """
    tried: Tried = {}
    for _ in range(1 + ROUNDS):
        for point in points:
            overrides = settings(own, point)
            if (text := " ".join(f"{key}={value:.4g}" for key, value in overrides.items())) not in tried:
                tried[text] = point, trial(applied(length, overrides))
        best = tried[_best(tried)][0]
        further = beyond(best, [at for at, _ in tried.values()])
        points = [p for p in further if any(p[f] != best[f] for f in follow) and _possible(length, settings(own, p))]
        if not points:
            break
    return tried


def _possible(own: Experiment, overrides: Mapping[str, float]) -> bool:
    """Whether the settings lie in their ranges; a margin doubled often enough does not."""
    try:
        return bool(applied(own, overrides))
    except InputError:
        return False


def _best(tried: Tried) -> str:
    return max(tried, key=lambda text: tried[text][1])


def _at_edge(tried: Tried, follow: Sequence[int]) -> list[str]:
    """Names of the factors that were followed and at whose edge the best still lies."""
    at = edges(tried[_best(tried)][0], [point for point, _ in tried.values()])
    return [name for f, name in enumerate(FACTORS) if f in follow and at[f]]


def quarter(experiment: Experiment) -> Experiment:
    """The experiment with a quarter of its images, and of its warm-up."""
    passes, warmup = (int(SHARE * value) for value in (experiment.train.passes, experiment.train.warmup))
    return replace(experiment, train=replace(experiment.train, passes=passes, warmup=warmup))


def settings(own: Experiment, point: Point) -> dict[str, float]:
    """The overrides of a level a factor: dotted key → value, of what differs from the row's own settings.

    A loss without a margin leaves that factor out.
    """
    values = {"train.lr": (own.train.lr, 0), "train.weight_decay": (own.train.weight_decay, 1)}
    names = [field.name for field in fields(own.loss) if field.name in MARGINS]
    values |= {f"loss.{name}": (float(getattr(own.loss, name)), 2) for name in names}
    steps = tuple(FACTORS.values())
    changed = {key: float(f"{value * steps[at] ** point[at]:.4g}") for key, (value, at) in values.items()}
    return {key: value for key, value in changed.items() if value != values[key][0]}


def applied(own: Experiment, overrides: Mapping[str, float]) -> Experiment:
    """The experiment of a trial: with these settings."""
    given = {
        part: {k.split(".")[1]: v for k, v in overrides.items() if k.startswith(part)} for part in ("train", "loss")
    }
    return replace(own, train=replace(own.train, **given["train"]), loss=replace(own.loss, **given["loss"]))


def edges(point: Point, levels: Sequence[Point]) -> list[int]:
    """For each factor, −1 or 1 where the point has the lowest or highest level of those that were tried, else 0."""
    return [
        (value == max(own)) - (value == min(own)) for value, own in zip(point, zip(*levels, strict=True), strict=True)
    ]


def beyond(point: Point, levels: Sequence[Point]) -> list[Point]:
    """The points to try next: one level further out for each factor at whose edge the best lies."""
    out = [(at, way) for at, way in enumerate(edges(point, levels)) if way]
    return [(*point[:at], point[at] + way, *point[at + 1 :]) for at, way in out]


def trial(experiment: Experiment) -> float:
    """Twin AUC of the validation families after training; kept in `build/study/tuning/`, so that it is trained once.

    Args:
        experiment: with the images of a trial.

    Raises:
        BusyError: another process is training it.
    """
    from twinlib.data.feed.trainset import train_set
    from twinlib.models.features import flush_denormals
    from twinlib.train.loop import train
    from twinlib.train.scoring import validation_auc
    from twinlib.train.stored import checkpoint

    flush_denormals()
    manifest, faces = prepare(experiment.data.name, experiment.data.size)
    key = f"{key_of(experiment, manifest)}.{TRAINING}"
    kept = paths.build_dir() / "study/tuning" / f"{key[:16]}.{TRAINING}.json"
    if kept.is_file():
        return float(files.read_json(kept)["auc"])
    device = resolve_device("auto")
    with claim(claim_of(experiment), wait=False):
        folder = paths.build_dir() / "checkpoints" / key[:16]
        measure = validation_auc(experiment, manifest, faces, device)
        data = train_set(manifest, faces, families=experiment.data.families, relations=experiment.data.relations)
        trained = train(experiment, data, key, folder, device, starting_weights(experiment)[0],
                        measure if experiment.train.validate_every else None)  # fmt: skip
        auc = measure(trained.model)
        files.write_json(kept, {"auc": auc, "core_minutes": trained.core_seconds / 60, "key": experiment.key()})
        checkpoint.clear(folder)
    return auc
