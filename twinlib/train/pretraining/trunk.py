"""The pre-training stage: a small ViT learns dense renderer targets and identities, on training families only.

The paper starts from ImageNet-21k. Offline and at small size there is nothing to start from, so every row of the `cpu`
profile starts from a backbone made here (our choice; `init: trunk` in its record). Identities are read first from every
token in its place, and from the class token and the mean of the tokens only once the tokens are worth reading: all at
once from nothing, the class token learns next to nothing and holds the others back (tried).

Networks of another kind start from as many pictures of the same people, on which they learn identities by their own
recipe; they have no tokens for dense targets.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss

from twinlib import config, files, paths
from twinlib.ahan.attention import write_out_attention
from twinlib.arithmetic import Precision, arithmetic, autocast
from twinlib.data.feed import seeds
from twinlib.data.feed.augment import colour_jitter, flip, normalise, random_affine, warp
from twinlib.data.feed.trainset import TrainSet, TwinBatches, train_set
from twinlib.data.rendered import prepare
from twinlib.losses.triplet import twin_triplet
from twinlib.models.features import flush_denormals
from twinlib.progress import progress
from twinlib.train.engine import Watch
from twinlib.train.loop import train, trunk_of
from twinlib.train.optim import learning_rate, optimizer
from twinlib.train.pretraining.trunk_network import HEADS, POINTS, Seen, Targets, Trunk, targets
from twinlib.train.stored import checkpoint

UNIT = 0.04  # landmark offsets are given in this share of the crop's side, which makes them about 1
KNEE = 0.25  # in these units; where the landmark loss turns from square to straight
FIRST = 0.35  # share of the run in which identities are read from every token alone
POINTS_WEIGHT, MARKS_WEIGHT, MARK_RARITY = 2.0, 1.0, 4.0  # of the two dense terms; of a cell with a mark


class DenseBatch(NamedTuple):
    """A batch with targets."""

    images: Float[Tensor, "B 3 S S"]
    subject: Int[Tensor, " B"]
    family: Int[Tensor, " B"]
    points: Float[Tensor, "B 468 2"]  # as in `Seen`
    marked: Bool[Tensor, "B N"]


class DenseBatches:
    """Augmented twin batches with their targets, a function of (seed, step).

    A family is mirrored half the time, unless `data.flip` is none; under `identity` it then counts as another family.
    """

    def __init__(self, experiment: config.Experiment, data: TrainSet, truth: Targets, grid: int) -> None:
        self.cfg, self.data, self.seed, self.grid = experiment.data, data, experiment.seed, grid
        self.sampler = TwinBatches(data, experiment.train.groups, experiment.train.images_per_subject, experiment.seed)
        self.group = 2 * experiment.train.images_per_subject
        self.families = int(data.family.max()) + 1
        self.points, self.marks = torch.from_numpy(truth.points), torch.from_numpy(truth.marks)
        self.mirror = torch.from_numpy(truth.mirror)
        mean = self.points.mean(0)
        self.mean = (mean + mirror_points(mean, self.mirror)) / 2

    def names(self, step: int) -> list[str]:
        """Images of the batch of a step, each once."""
        return list(dict.fromkeys(self.data.named(self.sampler.batch(step))))

    def __call__(self, step: int) -> DenseBatch:
        """The batch of a step."""
        picked = self.sampler.batch(step)
        rng = torch.Generator().manual_seed(self.seed * seeds.AUGMENT + step)
        share = 0.0 if self.cfg.flip == "none" else 0.5
        flipped = (torch.rand(len(picked) // self.group, generator=rng) < share).repeat_interleave(self.group)
        theta = random_affine(len(picked), self.cfg.rotation, self.cfg.shift, rng)
        images = flip(normalise(torch.from_numpy(self.data.crops[self.data.rows[picked]])), flipped)
        images = colour_jitter(warp(images, theta), self.cfg.jitter, rng).contiguous(memory_format=torch.channels_last)
        points, marks = self.points[picked], self.marks[picked]
        points = torch.where(flipped[:, None, None], mirror_points(points, self.mirror), points)
        marks = torch.where(flipped[:, None, None], torch.stack([1 - marks[..., 0], marks[..., 1]], -1), marks)
        new = flipped if self.cfg.flip == "identity" else torch.zeros_like(flipped)
        return DenseBatch(
            images,
            torch.from_numpy(self.data.subject[picked]) + self.data.subjects * new,
            torch.from_numpy(self.data.family[picked]) + self.families * new,
            (warp_points(points, theta) - self.mean) / UNIT,
            cells(warp_points(marks, theta), self.grid),
        )


def mirror_points(points: Float[Tensor, "*B P 2"], mirror: Int[Tensor, " P"]) -> Float[Tensor, "*B P 2"]:
    """Landmarks of the mirrored picture, in [0, 1]: positions mirror and left and right change names."""
    swapped = points[..., mirror, :]
    return torch.stack([1 - swapped[..., 0], swapped[..., 1]], dim=-1)


def warp_points(points: Float[Tensor, "B P 2"], theta: Float[Tensor, "B 2 3"]) -> Float[Tensor, "B P 2"]:
    """Where points of the old picture lie in the new one; `theta` is a rotation and a shift, as for `warp_boxes`."""
    moved = 2 * points - 1 - theta[:, None, :, 2]
    return (torch.einsum("bji,bpj->bpi", theta[:, :, :2], moved) + 1) / 2


def cells(points: Float[Tensor, "B P 2"], grid: int) -> Bool[Tensor, "B N"]:
    """Which cells of a grid hold a point; NaN and points outside are in none."""
    inside = ((points >= 0) & (points < 1)).all(-1)
    cell = (torch.nan_to_num(points) * grid).long().clamp(0, grid - 1)
    number = torch.where(inside, cell[..., 1] * grid + cell[..., 0], grid * grid)  # one more cell takes the rest
    return torch.zeros(len(points), grid * grid + 1).scatter_(1, number, 1.0).bool()[:, :-1]


def dense_loss(seen: Seen, batch: DenseBatch) -> Float[Tensor, ""]:
    """Landmarks by smooth L1, marks by a cross-entropy that counts the rare cell more."""
    points = smooth_l1_loss(seen.points, batch.points, beta=KNEE)
    rarity = seen.marks.new_tensor(MARK_RARITY)
    marks = binary_cross_entropy_with_logits(seen.marks, batch.marked.to(seen.marks.dtype), pos_weight=rarity)
    return POINTS_WEIGHT * points + MARKS_WEIGHT * marks


def make_trunk(name: str, profile: str, seed: int, overrides: tuple[str, ...], out: Path) -> Path:
    """Pre-train a network and write what rows start from as safetensors, with a JSON beside it that says how.

    Args:
        name: experiment whose network, data, loss and training settings are used.
        profile: smoke, cpu, full or study.
        seed: of weights, batches and augmentation.
        overrides: `key=value` texts, as for `twinlib run`.
        out: file to write, `….safetensors`; given back.

    Raises:
        InputError: bad settings, or a data set that is not rendered.
    """
    flush_denormals()
    experiment = config.load(name, profile, overrides, seed)
    manifest, faces = prepare(experiment.data.name, experiment.data.size)
    data = train_set(manifest, faces, families=experiment.data.families, relations=experiment.data.relations)
    settings = {"experiment": experiment.key(), "manifest": manifest.sha256}
    began = time.perf_counter()
    run = files.hash_of(settings)
    folder = paths.build_dir() / "checkpoints" / f"trunk-{run[:16]}"
    if experiment.model_name == "vit":
        trunk, history = _train(experiment, data, targets(manifest, faces, data.rows), run, folder)
        net: nn.Module = trunk.vit
    else:
        trained = train(experiment, data, run, folder, "cpu")
        net, history = trained.model, trained.history
    checkpoint.save_weights(out, {name: _small(value) for name, value in trunk_of(net).state_dict().items()})
    said = {"sha256": files.sha256(out), "seconds": round(time.perf_counter() - began, 1), "history": history}
    files.write_json(out.with_suffix(".json"), settings | said)
    checkpoint.clear(folder)
    return out


def _small(value: Tensor) -> Tensor:
    """Matrices and kernels in half precision; what they are multiplied and shifted by stays as it is."""
    return value.half() if value.ndim > 1 and value.is_floating_point() else value


class Identities(nn.Module):
    """A classification head, and a twin triplet, for each of the trunk's embeddings.

    Args:
        experiment: loss, triplet, width of the embeddings.
        classes: number of identities.
    """

    def __init__(self, experiment: config.Experiment, classes: int) -> None:
        super().__init__()
        loss, width = experiment.loss, experiment.model.embedding
        self.heads = nn.ModuleDict({head: config.LOSSES.build(loss, width, classes) for head in HEADS})
        self.triplet = experiment.triplet

    def forward(self, seen: Seen, batch: DenseBatch, done: float) -> Float[Tensor, ""]:
        """Sum of the losses; a margin that grows does so over the time that its head is there."""
        total = seen.points.new_zeros(())
        for head, embedding in seen.embeddings.items():
            own = done if head == HEADS[0] else (done - FIRST) / (1 - FIRST)
            total = total + self.heads[head](embedding, batch.subject, own)
            if self.triplet is not None:
                twins = twin_triplet(embedding, batch.subject, batch.family, self.triplet.margin)
                total = total + self.triplet.weight * twins
        return total

    def right(self, seen: Seen, subject: Int[Tensor, " B"]) -> dict[str, Tensor]:
        """Share of the batch that each head puts with its person."""
        cosine = {head: cast("Any", self.heads[head]).cosine(e) for head, e in seen.embeddings.items()}
        return {f"accuracy_{head}": (cosine[head].argmax(1) == subject).float().mean() for head in cosine}


def _train(
    experiment: config.Experiment, data: TrainSet, truth: Targets, run: str, folder: Path
) -> tuple[Trunk, list[dict[str, float | int]]]:
    cfg = experiment.train
    torch.manual_seed(experiment.seed)
    net = Trunk(experiment.model, POINTS)
    if arithmetic(cfg.precision, "cpu") == "bf16":
        write_out_attention(net)
    batches = DenseBatches(experiment, data, truth, net.vit.grid)
    identities = Identities(experiment, data.subjects * (2 if experiment.data.flip == "identity" else 1))
    opt = optimizer((net, identities), cfg)
    first, steps = 0, max(1, cfg.passes // (2 * cfg.groups * cfg.images_per_subject))
    history: list[dict[str, float | int]] = []
    if (state := checkpoint.newest(folder, run)) is not None:
        first, history = state["step"], state["history"]
        for module, key in ((net, "model"), (identities, "loss"), (opt, "optimizer")):
            module.load_state_dict(state[key])
    for step in progress(range(first, steps), total=steps, what="pre-training", unit="step", initial=first):
        for group in opt.param_groups:
            group["lr"] = learning_rate(step, steps, cfg.lr, cfg.warmup)
        batch, done, watch = batches(step), step / steps, Watch(net, identities)
        seen = _seen(net, batch.images, HEADS[:1] if done < FIRST else HEADS, cfg.precision)
        dense = dense_loss(seen, batch)
        loss = dense + identities(seen, batch, done)
        opt.zero_grad()
        watch.saw(loss, {"dense": dense, "identities": loss - dense})
        loss.backward()
        watch.check(step, lambda _, step=step: batches.names(step))
        opt.step()
        if (step + 1) % 20 == 0 or step + 1 == steps:
            history.append(_row(step + 1, seen, batch, identities, dense, loss))
        if (step + 1) % cfg.checkpoint_every == 0 or step + 1 == steps:
            state = checkpoint.State(run=run, step=step + 1, model=net.state_dict(), loss=identities.state_dict(),
                                     optimizer=opt.state_dict(), history=history)  # fmt: skip
            checkpoint.save_newest(folder, state)
    return net, history


def _seen(net: Trunk, images: Tensor, heads: Sequence[str], precision: Precision) -> Seen:
    with autocast(precision, images.device.type):
        seen = net(images, heads)
    return Seen({head: e.float() for head, e in seen.embeddings.items()}, seen.points.float(), seen.marks.float())


@torch.no_grad()
def _row(
    step: int, seen: Seen, batch: DenseBatch, identities: Identities, dense: Tensor, loss: Tensor
) -> dict[str, float | int]:
    values = {
        "loss": loss,
        "dense": dense,
        **identities.right(seen, batch.subject),
        "landmarks_px": (seen.points - batch.points).abs().mean() * UNIT * batch.images.shape[-1],
    }
    if batch.marked.any():
        values["marks_found"] = (seen.marks[batch.marked] > 0).float().mean()
    return {"step": step} | {key: round(float(value), 4) for key, value in values.items()}
