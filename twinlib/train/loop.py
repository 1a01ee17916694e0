"""The only training loop of the project."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor, nn

from twinlib import losses, models
from twinlib.config import Experiment
from twinlib.data.augment import colour_jitter, flip, flip_boxes, normalise, random_affine, warp, warp_boxes
from twinlib.data.trainset import TrainSet, TwinBatches
from twinlib.errors import InputError
from twinlib.progress import progress
from twinlib.train import checkpoint
from twinlib.train.optim import learning_rate, optimizer

PRECISION = {"fp32": "no", "bf16": "bf16"}  # our name → accelerate's, which YAML reads as false


@dataclass(frozen=True)
class Trained:
    """What a training run leaves."""

    model: nn.Module
    history: list[dict[str, float | int]]  # a row every few steps: step, loss, accuracy, lr
    steps: int
    seconds: float  # of this process; a resumed run counts its last part only


class Batch(NamedTuple):
    """What a training step sees."""

    images: Float[Tensor, "B 3 H W"]
    boxes: Float[Tensor, "B R 4"]
    subject: Int[Tensor, " B"]
    family: Int[Tensor, " B"]


class Batches:
    """Augmented batches on the device, a function of (seed, step)."""

    def __init__(self, experiment: Experiment, data: TrainSet, device: torch.device) -> None:
        self.cfg, self.seed, self.data, self.device = experiment.data, experiment.seed, data, device
        self.sampler = TwinBatches(data, experiment.train.groups, experiment.train.images_per_subject, experiment.seed)
        self.group = 2 * experiment.train.images_per_subject
        self.classes = data.subjects * (2 if self.cfg.flip == "identity" else 1)

    def __call__(self, step: int) -> Batch:
        """The batch of a step; a mirrored family counts as new if `flip` is identity."""
        picked = self.sampler.batch(step)
        rows = self.data.rows[picked]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        images = normalise(torch.from_numpy(self.data.crops[rows]).to(self.device))
        boxes = torch.from_numpy(self.data.boxes[rows]).float().to(self.device)
        subject, family = (torch.from_numpy(labels[picked]) for labels in (self.data.subject, self.data.family))
        if self.cfg.flip != "none":
            per = self.group if self.cfg.flip == "identity" else 1
            mirrored = (torch.rand(len(picked) // per, generator=rng) < 0.5).repeat_interleave(per)
            images, boxes = flip(images, mirrored.to(self.device)), flip_boxes(boxes, mirrored.to(self.device))
            if self.cfg.flip == "identity":
                subject = subject + self.data.subjects * mirrored
                family = family + (int(self.data.family.max()) + 1) * mirrored
        theta = random_affine(len(picked), self.cfg.rotation, self.cfg.shift, rng).to(self.device)
        images = colour_jitter(warp(images, theta), self.cfg.jitter, rng).contiguous(memory_format=torch.channels_last)
        return Batch(images, warp_boxes(boxes, theta), subject.to(self.device), family.to(self.device))


def train(
    experiment: Experiment,
    data: TrainSet,
    run: str,
    folder: Path,
    device: str,
    start: dict[str, Tensor] | None = None,
) -> Trained:
    """Train from nothing or from the last checkpoint of the same run.

    Args:
        experiment: the resolved config.
        data: training images.
        run: hash of the run; a checkpoint of another run is not used.
        folder: where `last.pt` lives.
        device: "cpu" or "cuda".
        start: backbone weights to begin with instead of random ones.

    Raises:
        InputError: if `start` does not fit the network, or a loss is not finite (the message names the step and what
            to try).
    """
    cfg = experiment.train
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision=PRECISION[cfg.precision])
    if accelerator.num_processes > 1:
        raise InputError("training in several processes is not supported yet; start one process.")
    torch.manual_seed(experiment.seed)
    batches = Batches(experiment, data, accelerator.device)
    net = models.build(experiment.model_name, experiment.model)
    if start is not None:
        load_backbone(net, start)
    head = losses.build(experiment.loss_name, experiment.loss, experiment.model.embedding, batches.classes)
    opt = optimizer((net, head), cfg)
    steps = max(1, cfg.passes // (2 * cfg.groups * cfg.images_per_subject * cfg.accumulate))
    first, history = _resume(folder / "last.pt", run, net, head, opt)
    net, head, opt = accelerator.prepare(net, head, opt)
    net.train()
    began = time.perf_counter()
    bar = progress(range(first, steps), total=steps, what=f"training {experiment.name}", unit="step", initial=first)
    for step in bar:
        for group in opt.param_groups:
            group["lr"] = learning_rate(step, steps, cfg.lr, cfg.warmup)
        row = _step(experiment, step, steps, batches, net, head, opt, accelerator)
        if (step + 1) % 20 == 0 or step + 1 == steps:
            told = _finite(row, step) | accelerator.unwrap_model(head).report()
            history.append({"step": step + 1, "lr": opt.param_groups[0]["lr"]} | told)
            bar.set_postfix(loss=f"{history[-1]['loss']:.3f}", acc=f"{history[-1]['accuracy']:.2f}", refresh=False)
        if (step + 1) % cfg.checkpoint_every == 0 or step + 1 == steps:
            modules = [accelerator.unwrap_model(module).state_dict() for module in (net, head)]
            state = checkpoint.State(run=run, step=step + 1, model=modules[0], loss=modules[1],
                                     optimizer=opt.state_dict(), history=history)  # fmt: skip
            checkpoint.save(folder / "last.pt", state)
    return Trained(accelerator.unwrap_model(net).eval(), history, steps, time.perf_counter() - began)


def load_backbone(net: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load the weights of a trunk into a network's backbone; the rest of the network stays as it is.

    Raises:
        InputError: if the backbone is of another size.
    """
    try:
        net.backbone.load_state_dict(weights)  # type: ignore[operator, union-attr]
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()
        raise InputError(f"train.trunk holds a backbone of another shape than `model` asks for: {first}") from error


def _resume(path: Path, run: str, net: nn.Module, head: nn.Module, opt: torch.optim.Optimizer) -> tuple[int, list]:
    if (state := checkpoint.load(path, run)) is None:
        return 0, []
    net.load_state_dict(state["model"])
    head.load_state_dict(state["loss"])
    opt.load_state_dict(state["optimizer"])
    return state["step"], state["history"]


def _step(
    experiment: Experiment,
    step: int,
    steps: int,
    batches: Batches,
    net: nn.Module,
    head: nn.Module,
    opt: torch.optim.Optimizer,
    accelerator: Accelerator,
) -> dict[str, Tensor]:
    """One optimiser step of `accumulate` micro-batches; returns what the last of them gave, still on the device."""
    opt.zero_grad()
    for micro in range(experiment.train.accumulate):
        number = step * experiment.train.accumulate + micro
        batch = batches(number)
        with accelerator.autocast():
            embedding = net(*_inputs(accelerator.unwrap_model(net), batch, experiment.seed, number))
        loss = head(embedding, batch.subject, step / steps)
        if experiment.triplet is not None:
            term = losses.twin_triplet(embedding, batch.subject, batch.family, experiment.triplet.margin)
            loss = loss + experiment.triplet.weight * term
        accelerator.backward(loss / experiment.train.accumulate)
    opt.step()
    with torch.no_grad():
        right = accelerator.unwrap_model(head).cosine(embedding).argmax(1) == batch.subject
        return {"loss": loss.detach(), "accuracy": right.float().mean()}


def _inputs(model: nn.Module, batch: Batch, seed: int, number: int) -> list[Tensor | None]:
    """What the model's `forward` takes of a batch, in its order."""
    given = {"images": batch.images, "boxes": batch.boxes}
    if "partner" in model.inputs:
        given["partner"] = model.plan_step(batch.subject, batch.family, seed, number)
    return [given[name] for name in model.inputs]


def _finite(row: dict[str, Tensor], step: int) -> dict[str, float]:
    values = {key: float(value) for key, value in row.items()}
    if not math.isfinite(values["loss"]):
        raise InputError(
            f"the loss is {values['loss']} at step {step + 1}; lower train.lr or set train.precision to fp32."
        )
    return values
