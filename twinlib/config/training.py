"""Settings of data, training and evaluation; defaults are the paper's (P) or our choice (C)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Literal

from twinlib.ranges import Count, NotNegative, Positive, Settings, Share, Whole, Within


@dataclass(frozen=True)
class Data(Settings):
    """Which data set, and how training sees it."""

    name: str = "default"  # folder of the data set
    size: Count = 112  # side of the aligned crops, px (C)
    relations: tuple[str, ...] | None = None  # train on families of these relations, e.g. [mz]; None: on all (C)
    families: Count | None = None  # of each relation, train on the first so many families; None: on all (C)
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
    schedule: Literal["cosine", "step", "plateau", "constant"] = "cosine"  # of the learning rate (P)
    milestones: tuple[Annotated[float, Within("(0, 1)")], ...] = ()  # schedule step: shares of the run (C)
    fall: Annotated[float, Within("(0, 1]")] = 0.1  # schedules step and plateau: factor of the rate at each (C)
    patience: Count = 5  # schedule plateau: validations without a rise before a fall (C)
    validate_every: Whole = 0  # steps between validations (AUC of twin pairs, or of strangers); 0: none (C)
    keep: Literal["last", "best"] = "last"  # weights that are kept: the last, or the best by validation (C)
    frozen: Literal["stem", "backbone"] | None = None  # part of the backbone that stands still (C)
    frozen_for: Share = 1.0  # share of the run during which it does (C)
    compile: bool = False  # torch.compile the network (C)
    precision: Literal["fp32", "bf16"] = "fp32"  # bf16: autocast
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
