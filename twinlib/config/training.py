"""Settings of data, training and evaluation; defaults are the paper's (P) or our choice (C)."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Data:
    """Which data set, and how training sees it."""

    name: str = "default"  # folder of the data set
    size: int = 112  # side of the aligned crops, px (C)
    relations: tuple[str, ...] | None = None  # train on families of these relations, e.g. [mz]; None: on all (C)
    families: int | None = None  # of each relation, train on the first so many families; None: on all (C)
    flip: Literal["augment", "identity", "none"] = "augment"  # mirrored image: same label (P), a new label (C), never
    jitter: float = 0.2  # brightness, contrast, saturation: factor in 1 ± jitter (P)
    rotation: float = 10.0  # degrees, ± (P)
    shift: float = 0.0  # share of the side, ± (C)


@dataclass(frozen=True)
class Train:
    """The training run."""

    passes: int = 100 * 6336  # images seen; the paper's 100 epochs of its 6,336 training images (P)
    images_per_subject: int = 4  # K images of each subject of a twin group (P)
    groups: int = 8  # twin groups in a batch: batch = 2 · groups · images_per_subject (C; the paper's 64)
    accumulate: int = 4  # micro-batches per step (P)
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"  # (P)
    momentum: float = 0.9  # of sgd (C)
    lr: float = 1.0e-4  # peak learning rate (P)
    weight_decay: float = 5.0e-4  # on matrices only (P)
    decays: dict[str, float] = field(default_factory=dict)  # beginning of a parameter's name: its own decay (C)
    clip: float | None = None  # largest norm of the gradient (C)
    warmup: int = 0  # steps of linear warm-up (C)
    schedule: Literal["cosine", "step", "plateau", "constant"] = "cosine"  # of the learning rate (P)
    milestones: tuple[float, ...] = ()  # schedule step: shares of the run at which the rate falls (C)
    fall: float = 0.1  # schedules step and plateau: factor of a fall (C)
    patience: int = 5  # schedule plateau: validations without a rise before a fall (C)
    validate_every: int = 0  # steps between validations (AUC of twin pairs, or of strangers); 0: none (C)
    keep: Literal["last", "best"] = "last"  # weights that are kept: the last, or the best by validation (C)
    frozen: Literal["stem", "backbone"] | None = None  # part of the backbone that stands still (C)
    frozen_for: float = 1.0  # share of the run during which it does (C)
    compile: bool = False  # torch.compile the network (C)
    precision: Literal["fp32", "bf16"] = "fp32"  # bf16: autocast
    trunk: str | None = None  # backbone to start from: name in twinlib/weights/, weight file, hub; None: random (C)
    checkpoint_every: int = 200  # steps between checkpoints (C)

    @property
    def batch(self) -> int:
        """Images in a micro-batch over all processes; a sampler may have to leave a few out."""
        return 2 * self.groups * self.images_per_subject


@dataclass(frozen=True)
class Evaluate:
    """What is measured after training."""

    pairs: int = 24  # genuine and impostor pairs per family and protocol, at most (C)
    draws: int = 2000  # bootstrap draws over families (C)
    batch: int = 64  # images per forward pass
    sets: tuple[str, ...] = ()  # further data sets whose twins are scored, each as protocol twin@<set> (C)
