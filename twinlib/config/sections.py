"""Sections of an experiment: plain values to settings, every key and type checked; data, training, evaluation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_type_hints

from twinlib.errors import InputError
from twinlib.ranges import Count, NotNegative, Positive, SettingError, Settings, Share, Whole, Within

T = TypeVar("T")

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser

_MADE: dict[tuple[type, str, str], Any] = {}  # kind, key, values as text → settings, which nobody can change


def named(value: object, key: str, kinds: Mapping[str, type], default: str, source: str) -> object:
    """Settings of a kind that the value names: a name, or keys and values with `name` among them.

    Args:
        value: what the files say; None for the default with its own settings.
        key: of the section, for messages.
        kinds: name → dataclass.
        default: name where none is given.
        source: experiment, for messages.

    Raises:
        InputError: for an unknown name or what `section` refuses.
    """
    if not isinstance(value, str | dict | None):
        raise InputError(f"{source}: {key} must be a name or hold keys and values, found {value!r}.")
    value = {"name": value} if isinstance(value, str) else dict(value or {})
    kind = value.pop("name", default)
    if not isinstance(kind, str) or kind not in kinds:
        raise InputError(f"{source}: {key} {kind!r} is unknown; known: {', '.join(sorted(kinds))}.")
    return section(kinds[kind], value, key, source)


def several(value: object, key: str, kinds: Mapping[str, type], source: str) -> dict[str, object]:
    """Settings of several kinds, name → keys and values; a name whose value is null is left out.

    Raises:
        InputError: for an unknown name or what `section` refuses.
    """
    if value is not None and not isinstance(value, dict):
        raise InputError(f"{source}: {key} must hold names and their settings, found {value!r}.")
    if unknown := sorted(set(value or {}) - set(kinds)):
        raise InputError(f"{source}: {key}.{unknown[0]} is unknown; known: {', '.join(sorted(kinds))}.")
    given = {name: own for name, own in (value or {}).items() if own is not None}
    return {name: section(kinds[name], own, f"{key}.{name}", source) for name, own in given.items()}


def section(kind: type[T], value: object, key: str, source: str) -> T:
    """Settings of one kind from plain values, checked with jsonargparse.

    Raises:
        InputError: for an unknown key, a value of the wrong type or a number out of its range; the message names it.
    """
    from jsonargparse import ArgumentError

    if value is not None and not isinstance(value, dict):
        raise InputError(f"{source}: {key} must hold keys and values, found {value!r}.")
    fields = list(get_type_hints(kind))
    if unknown := sorted(set(value or {}) - set(fields)):
        raise InputError(f"{source}: {key}.{unknown[0]} is unknown; known: {', '.join(fields)}.")
    asked = (kind, key, repr(value))
    if asked not in _MADE:  # most experiments share most sections
        try:
            typed = _parser(kind, key).parse_object({key: value or {}})
        except (ArgumentError, TypeError) as error:
            raise InputError(f"{source}: {' '.join(str(error).split())}") from error
        _MADE[asked] = _made(kind, typed.get(key), f"{source}: {key}")
    return _MADE[asked]


@lru_cache(maxsize=256)  # making one takes as long as parsing with it ten times
def _parser(kind: type, key: str) -> "ArgumentParser":
    from jsonargparse import ArgumentParser

    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(kind, key)
    return parser


def _made(kind: type[T], typed: object, where: str) -> T:
    """The settings object, its inner ones first, so that an error can say where it is."""
    values = dict(vars(typed)) if typed else {}  # nothing: settings without a field
    for name, hint in get_type_hints(kind).items():
        inner = next((part for part in (hint, *get_args(hint)) if is_dataclass(part)), None)
        if inner is not None and values[name] is not None:
            values[name] = _made(inner, values[name], f"{where}.{name}")
    try:
        return kind(**values)
    except SettingError as error:
        raise SettingError(where, error.what) from None


@dataclass(frozen=True)
class Data(Settings):
    """Which data set, and how training sees it."""

    name: str = "default"  # folder of the data set
    size: Count = 112  # side of the aligned crops, px (C)
    relations: tuple[str, ...] | None = None  # train on families of these relations, e.g. [mz]; None: on all (C)
    families: Count | None = None  # of each relation, train on the first so many families; None: on all (C)
    records: str | None = (
        None  # train on the people of this .rec instead; `name` is what is validated and tested on (C)
    )
    flip: Literal["augment", "identity", "none"] = "augment"  # mirrored image: same label (P), a new label (C), never
    jitter: Annotated[float, Within("[0, 1)")] = 0.2  # brightness, contrast, saturation: factor in 1 ± jitter (P)
    rotation: Annotated[float, Within("[0, 180]")] = 10.0  # degrees, ± (P)
    shift: Annotated[float, Within("[0, 0.5]")] = 0.0  # share of the side, ± (C)


@dataclass(frozen=True)
class Train(Settings):
    """The training run."""

    passes: Count = 100 * 6336  # images seen; the paper's 100 epochs of its 6,336 training images (P)
    images_per_subject: Count = 4  # K images of each subject of a twin group (P)
    groups: Count = 8  # twin groups in a batch: batch = 2 · groups · images_per_subject (C; the paper's 64)
    accumulate: Count = 4  # micro-batches per step (P)
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"  # (P)
    momentum: Annotated[float, Within("[0, 1)")] = 0.9  # of sgd (C)
    lr: Positive = 1.0e-4  # peak learning rate (P)
    weight_decay: NotNegative = 5.0e-4  # on matrices only (P)
    decays: dict[str, NotNegative] = field(default_factory=dict)  # beginning of a parameter's name: its own decay (C)
    clip: Positive | None = None  # largest norm of the gradient (C)
    warmup: Whole = 0  # steps of linear warm-up (C)
    schedule: Literal["cosine", "linear", "polynomial", "step", "plateau", "constant"] = (
        "cosine"  # of the learning rate (P)
    )
    milestones: tuple[Annotated[float, Within("(0, 1)")], ...] = ()  # schedule step: shares of the run (C)
    fall: Annotated[float, Within("(0, 1]")] = 0.1  # schedules step and plateau: factor of the rate at each (C)
    patience: Count = 5  # schedule plateau: validations without a rise before a fall (C)
    validate_every: Whole = 0  # steps between validations (AUC of twin pairs, or of strangers); 0: none (C)
    keep: Literal["last", "best"] = "last"  # weights that are kept: the last, or the best by validation (C)
    frozen: Literal["stem", "backbone"] | None = None  # part of the backbone that is not trained (C)
    frozen_for: Share = 1.0  # share of the run during which it does (C)
    compile: bool = False  # torch.compile the network (C)
    precision: Literal["fp32", "bf16"] = "fp32"  # bf16: autocast, where the device has it (C)
    trunk: str | None = None  # backbone to start from: name in twinlib/weights/, weight file, hub; None: random (C)
    checkpoint_every: Count = 200  # steps between checkpoints (C)

    @property
    def batch(self) -> int:
        """Images in a micro-batch over all processes; a sampler may have to leave a few out."""
        return 2 * self.groups * self.images_per_subject

    @property
    def steps(self) -> int:
        """Steps of the run."""
        return max(1, self.passes // (self.batch * self.accumulate))

    def disagreements(self) -> Iterator[str]:
        """Milestones that do not rise, a warm-up longer than the run."""
        if any(later <= earlier for earlier, later in pairwise(self.milestones)):
            yield f"milestones must rise, got {list(self.milestones)}."
        if self.warmup > self.steps:
            run = f"{self.steps} steps of {self.passes} passes in batches of {self.batch * self.accumulate}"
            yield f"warmup must be at most the {run}, got {self.warmup}. Lower it, or raise passes."


@dataclass(frozen=True)
class Evaluate(Settings):
    """What is measured after training."""

    pairs: Count = 24  # genuine and impostor pairs per family and protocol, at most (C)
    draws: Count = 2000  # bootstrap draws over families (C)
    batch: Count = 64  # images per forward pass
    sets: tuple[str, ...] = ()  # further data sets whose twins are scored, each as protocol twin@<set> (C)
