"""The only training loop of the project."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import Tensor, nn

from twinlib.config import MODELS, Experiment, Train
from twinlib.data.feed.trainset import TrainSet
from twinlib.errors import InputError
from twinlib.losses.head import Head, NoHead
from twinlib.losses.sharded import Centres, ShardedHead
from twinlib.models.features import embed
from twinlib.models.network import Network
from twinlib.progress import progress
from twinlib.train.batches import Batches
from twinlib.train.engine import Engine, Objective
from twinlib.train.history import Curves
from twinlib.train.optim import frozen_parameters, optimizer, scheduled_rate
from twinlib.train.parallel import from_main, gathered_batch_norm
from twinlib.train.stored import checkpoint, shards

LOG_EVERY = 20  # steps between lines of the history


@dataclass(frozen=True)
class Trained:
    """What a training run leaves."""

    model: Network
    objective: Objective  # its `head` has the class centres
    history: list[dict[str, float | int]]  # a row every few steps: step, loss, accuracy, lr
    steps: int
    passes: int  # images seen
    seconds: float  # of the clock, all parts of a resumed run together
    core_seconds: float  # of the processor, all threads of this process, likewise


def train(
    experiment: Experiment,
    data: TrainSet,
    run: str,
    folder: Path,
    device: str,
    start: dict[str, Tensor] | None = None,
    validate: Callable[[Network], float] | None = None,
) -> Trained:
    """Train from nothing or from the newest checkpoint of the same run.

    Started by `accelerate launch` or `torchrun`, each process computes its share of every batch; the result is that of
    one process with the whole batch, up to rounding.

    Args:
        experiment: the resolved config.
        data: training images.
        run: hash of the run; a checkpoint of another run is not used.
        folder: where the checkpoints live; all processes must see it.
        device: "cpu" or "cuda".
        start: backbone weights to begin with instead of random ones.
        validate: what `train.validate_every` measures, higher is better.

    Raises:
        InputError: if `start` does not fit the network, a validation is wanted and there is none, a batch cannot be
            shared by so many processes, or a loss, gradient or weight is not finite (the message names the step, the
            images and what to try; checkpoints stay as they were).
    """
    cfg = experiment.train
    check(cfg, validate)
    accelerator = Accelerator(cpu=device == "cpu")
    processes, place = accelerator.num_processes, accelerator.device
    torch.manual_seed(experiment.seed)
    batches = Batches(experiment, data, place, accelerator.process_index, processes)
    net = MODELS.build(experiment.model)
    if start is not None:
        load_backbone(net, start)
    if cfg.frozen_for >= 1:  # for good: no gradient is computed either
        for parameter in frozen_parameters(net, cfg.frozen):
            parameter.requires_grad_(False)
    objective = Objective(experiment, batches.classes)
    opt = optimizer((net, objective), cfg)
    steps = cfg.steps
    first, history, spent = _resume(folder, run, net, objective, opt)
    objective.to(place)
    net, opt = accelerator.prepare(gathered_batch_norm(net) if processes > 1 else net, opt)
    net.train()
    engine = Engine(experiment, steps, batches, net, objective, opt, accelerator)
    curves = Curves(folder, history) if accelerator.is_main_process else None
    began, began_core = time.perf_counter(), time.process_time()
    bar = progress(range(first, steps), steps, f"training {experiment.name}", "step", first, curves is not None)
    for step in bar:
        tell = (step + 1) % LOG_EVERY == 0 or step + 1 == steps
        due = cfg.validate_every > 0 and ((step + 1) % cfg.validate_every == 0 or step + 1 == steps)
        seen = [row["validation"] for row in history if "validation" in row]
        for group in opt.param_groups:
            group["lr"] = scheduled_rate(step, steps, cfg, seen)
        row = engine.step(step, tell or due)
        if tell or due:
            told = {"step": step + 1, "lr": opt.param_groups[0]["lr"]} | {
                key: float(value) for key, value in row.items()
            }
            told |= objective.report()
            if due and validate is not None:
                told["validation"] = from_main(validate(engine.model), place)
                net.train()
            history.append(told)
            if curves is not None:
                curves.add(told)
                curves.look(engine.model, data, step + 1)
                shown = {key: f"{told[key]:.3f}" for key in ("loss", "accuracy", "validation") if key in told}
                rate = (step + 1 - first) * cfg.batch * cfg.accumulate / (time.perf_counter() - began)
                bar.set_postfix(shown | {"images/s": f"{rate:.0f}"}, refresh=False)
                if due and told["validation"] > max(seen, default=-math.inf):
                    checkpoint.save_weights(folder / "best.safetensors", engine.model.state_dict())
        main = accelerator.is_main_process
        if ((step + 1) % cfg.checkpoint_every == 0 or step + 1 == steps) and (main or objective.sharded):
            now = [spent[0] + time.perf_counter() - began, spent[1] + time.process_time() - began_core]
            state = checkpoint.State(run=run, step=step + 1, model=engine.model.state_dict(), history=history,
                                     loss=objective.state_dict(), optimizer=opt.state_dict(), spent=now)  # fmt: skip
            if objective.sharded:  # each process its own, then the main one the rest: a step that is there is whole
                state = shards.save(folder, state, objective.head, opt)
                accelerator.wait_for_everyone()
            if main:
                checkpoint.save_newest(folder, state)
    if cfg.keep == "best":
        accelerator.wait_for_everyone()
        engine.model.load_state_dict(load_file(folder / "best.safetensors"))
    if objective.sharded and accelerator.is_main_process:
        objective.head = Centres(shards.whole(folder, run, steps, batches.classes))
    seconds, core = spent[0] + time.perf_counter() - began, spent[1] + time.process_time() - began_core
    passes = steps * cfg.batch * cfg.accumulate
    return Trained(engine.model.eval(), objective, history, steps, passes, seconds, core)


def check(cfg: Train, validate: Callable[[Network], float] | None) -> None:
    """Refuse settings of which one needs another.

    Raises:
        InputError: names both.
    """
    if (cfg.schedule == "plateau" or cfg.keep == "best") and not cfg.validate_every:
        raise InputError("train.schedule plateau and train.keep best need validations: set train.validate_every.")
    if cfg.validate_every and validate is None:
        raise InputError("train.validate_every needs validation pairs, and this training was given none.")
    if cfg.schedule == "step" and not cfg.milestones:
        raise InputError("train.schedule step needs train.milestones, shares of the run such as [0.68].")


def trunk_of(net: nn.Module) -> nn.Module:
    """The part of a network that a trunk holds: its backbone, or all of it where no part is called so."""
    return getattr(net, "backbone", net)


def load_backbone(net: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load the weights of a trunk into a network; what is no part of `trunk_of` stays as it is.

    Raises:
        InputError: if that part is of another size.
    """
    try:
        trunk_of(net).load_state_dict(weights)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()[:200]
        raise InputError(
            f"train.trunk holds a backbone of another shape than `model` has: {first} Set model as it was made "
            "with, or make one: `twinlib trunk`."
        ) from error


def _resume(
    folder: Path, run: str, net: nn.Module, objective: nn.Module, opt: torch.optim.Optimizer
) -> tuple[int, list[dict[str, float | int]], list[float]]:
    if (state := checkpoint.newest(folder, run)) is None:
        return 0, [], [0.0, 0.0]
    if isinstance(objective.head, ShardedHead):
        state = shards.load(folder, state, objective.head, opt)
    net.load_state_dict(state["model"])
    objective.load_state_dict(state["loss"])
    opt.load_state_dict(state["optimizer"])
    return state["step"], state["history"], state["spent"]


MANY = 100_000  # images: the accuracy of a file of ten million needs no pass over all of them
CONTROL = "nothing"  # end of the names of the sets whose twins differ in nothing


@torch.no_grad()
def training_accuracy(
    net: Network, head: Head | Centres | NoHead, data: TrainSet, device: str, batch: int = 64
) -> float | None:
    """Share of the training images whose own class centre is the nearest, in `eval` mode and without augmentation.

    Of more than `MANY` images, so many of them, evenly spaced.

    Args:
        net: the trained network.
        head: its class centres; where mirrored pictures were people of their own, these are centres too.
        data: the training images; each is embedded once.
        device: cpu or cuda.
        batch: images per forward pass.

    Returns:
        None where the loss has no class centres.
    """
    if isinstance(head, NoHead):
        return None
    head = head.to(device).eval()
    # DCAL joins a second branch in `eval`; the first, of unit length too, is what the head was trained on
    some = np.linspace(0, len(data.rows) - 1, min(len(data.rows), MANY)).astype(int)
    e = torch.from_numpy(embed(net, data.crops, data.rows[some].tolist(), device, batch, data.boxes)).to(device)
    e = e[:, : head.weight.shape[1]]
    nearest = torch.cat([head.nearest(part) for part in e.split(1024)]).cpu().numpy()
    return float((nearest == data.subject[some]).mean())


def finished(trained: Trained, accuracy: float | None, metrics: Iterable[pd.DataFrame]) -> dict[str, object]:
    """What a record says of how the run ended.

    Args:
        trained: the run.
        accuracy: over all training images.
        metrics: tables of its protocols.

    Returns:
        train_accuracy; ended (the schedule was run to its end); passes; images_s (images a second); core_minutes (of
        the processor, all threads and resumed parts together); control (protocol → AUC, low, high of twins that differ
        in nothing).
    """
    table = pd.concat(list(metrics))
    control = table[table["protocol"].str.endswith(CONTROL) & (table["metric"] == "auc")]
    return {
        "train_accuracy": None if accuracy is None else round(accuracy, 4),
        "ended": trained.history[-1]["step"] == trained.steps,
        "passes": trained.passes,
        "images_s": round(trained.passes / max(trained.seconds, 1e-9), 2),
        "core_minutes": round(trained.core_seconds / 60, 3),
        "control": {
            row["protocol"]: [round(float(row[name]), 4) for name in ("value", "low", "high")]
            for _, row in control.iterrows()
        },
    }
