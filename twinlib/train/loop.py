"""The only training loop of the project."""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from twinlib import models
from twinlib.config import Experiment
from twinlib.data.trainset import TrainSet
from twinlib.errors import InputError
from twinlib.losses.term import StepView
from twinlib.progress import progress
from twinlib.train import checkpoint
from twinlib.train.batches import Batch, Batches
from twinlib.train.objective import Objective
from twinlib.train.optim import learning_rate, optimizer

LOG_EVERY = 20  # steps between lines of the history


@dataclass(frozen=True)
class Trained:
    """What a training run leaves."""

    model: nn.Module
    history: list[dict[str, float | int]]  # a row every few steps: step, loss, accuracy, lr
    steps: int
    seconds: float  # of this process; a resumed run counts its last part only


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
    accelerator = Accelerator(cpu=device == "cpu")
    if accelerator.num_processes > 1:
        raise InputError("training in several processes is not supported yet; start one process.")
    torch.manual_seed(experiment.seed)
    batches = Batches(experiment, data, accelerator.device)
    net = models.build(experiment.model_name, experiment.model)
    if start is not None:
        load_backbone(net, start)
    freeze(net, cfg.frozen)
    objective = Objective(experiment, batches.classes)
    opt = optimizer((net, objective), cfg)
    steps = max(1, cfg.passes // (cfg.batch * cfg.accumulate))
    first, history = _resume(folder / "last.pt", run, net, objective, opt)
    objective.to(accelerator.device)
    net, opt = accelerator.prepare(net, opt)
    net.train()
    engine = Engine(experiment, steps, batches, net, objective, opt, accelerator)
    began = time.perf_counter()
    bar = progress(range(first, steps), total=steps, what=f"training {experiment.name}", unit="step", initial=first)
    for step in bar:
        tell = (step + 1) % LOG_EVERY == 0 or step + 1 == steps
        for group in opt.param_groups:
            group["lr"] = learning_rate(step, steps, cfg.lr, cfg.warmup)
        row = engine.step(step, tell)
        if tell:
            told = _finite(row, step) | objective.report()
            history.append({"step": step + 1, "lr": opt.param_groups[0]["lr"]} | told)
            bar.set_postfix({key: f"{told[key]:.3f}" for key in ("loss", "accuracy") if key in told}, refresh=False)
        if (step + 1) % cfg.checkpoint_every == 0 or step + 1 == steps:
            modules = [module.state_dict() for module in (accelerator.unwrap_model(net), objective)]
            state = checkpoint.State(run=run, step=step + 1, model=modules[0], loss=modules[1],
                                     optimizer=opt.state_dict(), history=history)  # fmt: skip
            checkpoint.save(folder / "last.pt", state)
    return Trained(accelerator.unwrap_model(net).eval(), history, steps, time.perf_counter() - began)


class Engine:
    """What makes one optimiser step."""

    def __init__(
        self,
        experiment: Experiment,
        steps: int,
        batches: Batches,
        net: nn.Module,
        objective: Objective,
        opt: torch.optim.Optimizer,
        accelerator: Accelerator,
    ) -> None:
        self.experiment, self.steps, self.batches = experiment, steps, batches
        self.net, self.objective, self.opt, self.accelerator = net, objective, opt, accelerator
        self.model = accelerator.unwrap_model(net)
        unknown = set(objective.wanted) - set(getattr(self.model, "outputs", ()))
        if unknown:
            raise InputError(f"model {experiment.model_name} does not give {sorted(unknown)}, which `terms` reads.")

    def step(self, step: int, tell: bool) -> dict[str, Tensor]:
        """One step of `accumulate` micro-batches.

        Args:
            step: number of the step, from 0.
            tell: also compute the accuracy.

        Returns:
            What the last micro-batch gave, still on the device.
        """
        accumulate = self.experiment.train.accumulate
        self.opt.zero_grad()
        for micro in range(accumulate):
            number = step * accumulate + micro
            batch = self.batches.perturbed(self.batches(number), number, self.model)
            view = self._forward(batch, number, step / self.steps)
            loss = self.objective(view)
            self.accelerator.backward(loss / accumulate)
        self.opt.step()
        row = {"loss": loss.detach()}
        if tell and self.experiment.loss_name != "none":
            with torch.no_grad():
                right = self.objective.head.cosine(view.embedding).argmax(1) == view.subject
            row["accuracy"] = right.float().mean()
        return row

    def _forward(self, batch: Batch, number: int, done: float) -> StepView:
        torch.manual_seed((self.experiment.seed * 5_000_011 + number) * 4_099 + self.batches.rank)  # dropout's noise
        bf16 = self.experiment.train.precision == "bf16"
        wanted = self.objective.wanted
        with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=bf16):
            given = _inputs(self.model, batch, self.experiment.seed, number)
            embedding, outputs = self.net(*given, wanted=wanted) if wanted else (self.net(*given), {})
        return StepView(
            embedding=embedding,
            outputs=outputs,
            subject=batch.subject,
            family=batch.family,
            part=batch.part,
            frontness=batch.frontness,
            clean=batch.clean if self.objective.wants_clean else None,
            lap=batch.lap,
            done=done,
            head=self.objective.head,
        )


def freeze(net: nn.Module, part: str | None) -> None:
    """Keep the weights of a part of the backbone; its batch statistics still follow the data.

    Args:
        net: with a `backbone` of `timm`'s ViT.
        part: None, "stem" (patch embedding and positions) or "backbone".
    """
    if part is None:
        return
    backbone = net.backbone
    kept = [backbone] if part == "backbone" else [backbone.patch_embed]  # type: ignore[union-attr]
    for module in kept:
        module.requires_grad_(False)  # type: ignore[union-attr, operator]
    backbone.pos_embed.requires_grad_(False)  # type: ignore[union-attr]


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


def _resume(
    path: Path, run: str, net: nn.Module, objective: nn.Module, opt: torch.optim.Optimizer
) -> tuple[int, list[dict[str, float | int]]]:
    if (state := checkpoint.load(path, run)) is None:
        return 0, []
    net.load_state_dict(state["model"])
    objective.load_state_dict(state["loss"])
    opt.load_state_dict(state["optimizer"])
    return state["step"], state["history"]


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
