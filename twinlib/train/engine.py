"""One optimiser step: micro-batches, forward, loss, backward, update."""

from contextlib import nullcontext

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from twinlib.ahan.attention import write_out_attention
from twinlib.config import Experiment
from twinlib.data.feed.augment import scaled_for
from twinlib.errors import InputError
from twinlib.losses import NoHead
from twinlib.losses.term import StepView
from twinlib.train.batches import Batch, Batches
from twinlib.train.finite import Watch
from twinlib.train.objective import Objective
from twinlib.train.optim import frozen_parameters
from twinlib.train.parallel import gather, local_partner


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
        if experiment.train.precision == "bf16" and accelerator.device.type == "cpu":
            write_out_attention(self.model)
        self.call = torch.compile(net) if experiment.train.compile else net
        self.still = frozen_parameters(self.model, experiment.train.frozen)
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

        Raises:
            InputError: if a loss or the gradient is not finite; weights and running statistics stay as they were.
        """
        accumulate = self.experiment.train.accumulate
        watch = Watch(self.model, self.objective)
        self.opt.zero_grad()
        for micro in range(accumulate):
            number = step * accumulate + micro
            batch = self.batches.perturbed(self.batches(number), number, self.model)
            with nullcontext() if micro + 1 == accumulate else self.accelerator.no_sync(self.net):
                view = self._forward(batch, number, step / self.steps)
                loss = self._loss(view)
                watch.saw(loss, self.objective.parts)
                self.accelerator.backward(loss / accumulate)
        watch.check(step, lambda micro: self.batches.names(step * accumulate + micro))
        self._update(step)
        row = {"loss": loss.detach()}
        if tell and not isinstance(self.experiment.loss, NoHead):
            with torch.no_grad():
                right = self.objective.head.cosine(view.embedding).argmax(1) == view.subject
            row["accuracy"] = right.float().mean()
        return row

    def _loss(self, view: StepView) -> Tensor:
        """The loss; NaN where a term refuses embeddings that are not finite, so that the step is stopped by name."""
        try:
            return self.objective(view)
        except InputError:
            if view.embedding.isfinite().all():
                raise
            return view.embedding.sum() * torch.nan

    def _update(self, step: int) -> None:
        cfg = self.experiment.train
        if step < cfg.frozen_for * self.steps:
            for parameter in self.still:
                parameter.grad = None  # the optimiser passes it over
        if cfg.clip is not None:
            modules = (self.model, self.objective)
            torch.nn.utils.clip_grad_norm_([p for module in modules for p in module.parameters()], cfg.clip)
        self.opt.step()

    def _forward(self, batch: Batch, number: int, done: float) -> StepView:
        torch.manual_seed((self.experiment.seed * 5_000_011 + number) * 4_099 + self.batches.rank)  # dropout's noise
        bf16 = self.experiment.train.precision == "bf16"
        wanted = self.objective.wanted
        with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=bf16):
            given = _inputs(self.model, batch, self.experiment.seed, number)
            embedding, outputs = self.call(*given, wanted=wanted) if wanted else (self.call(*given), {})
        sizes, rank = batch.sizes, self.batches.rank
        return StepView(
            embedding=gather(embedding, sizes, rank),
            outputs={name: gather(value, sizes, rank) for name, value in outputs.items()},
            subject=batch.subject,
            family=batch.family,
            part=batch.part,
            frontness=batch.frontness,
            clean=gather(batch.clean, sizes, rank) if self.objective.wants_clean else None,
            lap=batch.lap,
            done=done,
            head=self.objective.head,
        )


def _inputs(model: nn.Module, batch: Batch, seed: int, number: int) -> list[Tensor | None]:
    """What the model's `forward` takes of a batch, in its order."""
    given = {"images": scaled_for(model, batch.images), "boxes": batch.boxes}
    if "partner" in model.inputs:
        partner = model.plan_step(batch.subject, batch.family, seed, number, batch.twins)
        given["partner"] = local_partner(partner, batch.here)
    return [given[name] for name in model.inputs]
