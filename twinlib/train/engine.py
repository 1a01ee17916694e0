"""One optimiser step: micro-batches, forward, the loss of head and terms, backward, update."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, cast

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from twinlib.ahan.attention import write_out_attention
from twinlib.arithmetic import arithmetic, autocast
from twinlib.config import LOSSES, TERMS, Experiment
from twinlib.data.feed import seeds
from twinlib.data.feed.augment import scaled_for
from twinlib.errors import InputError
from twinlib.losses import NoHead
from twinlib.losses.sharded import ShardedHead
from twinlib.losses.term import StepView, Term
from twinlib.models.network import Network
from twinlib.train.batches import Batch, Batches
from twinlib.train.optim import frozen_parameters
from twinlib.train.parallel import gather, local_partner, total


class Objective(nn.Module):
    """Head plus terms.

    Args:
        experiment: which; `triplet:` is the term twin_triplet by its older name.
        classes: number of identities.
    """

    def __init__(self, experiment: Experiment, classes: int) -> None:
        super().__init__()
        self.head = LOSSES.build(experiment.loss, experiment.model.embedding, classes)
        older = {} if experiment.triplet is None else {"twin_triplet": experiment.triplet}
        self.terms = nn.ModuleDict({name: TERMS.build(cfg) for name, cfg in (older | experiment.terms).items()})
        self.parts: dict[str, Tensor] = {}  # what each summand gave in the last step

    @property
    def sharded(self) -> bool:
        """Whether this process holds its share of the class centres only."""
        return isinstance(self.head, ShardedHead)

    def _terms(self) -> dict[str, Term]:
        return {name: cast("Term", term) for name, term in self.terms.items()}

    @property
    def wanted(self) -> tuple[str, ...]:
        """Extra outputs of the network that the terms read."""
        return tuple(dict.fromkeys(name for term in self._terms().values() for name in term.wanted))

    @property
    def wants_clean(self) -> bool:
        """Whether a term reads the images before the perturbation."""
        return any(term.wants_clean for term in self._terms().values())

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """The loss of a micro-batch; `view.head` is set here."""
        weight, terms = None, self._terms()
        for term in terms.values():
            if (own := term.sample_weight(view)) is not None:
                weight = own if weight is None else weight * own
        view = replace(view, head=partial(self.head, label=view.subject, done=view.done, sample_weight=weight))
        self.parts = {} if any(term.holds_head for term in terms.values()) else {"head": view.head(view.embedding)}
        self.parts |= {name: term(view) for name, term in terms.items()}
        return sum(self.parts.values(), view.embedding.new_zeros(()))

    def report(self) -> dict[str, float]:
        """Numbers worth a line in the training history: the summands, if there are several, and the head's own."""
        several = (
            {f"loss_{name}": float(value.detach()) for name, value in self.parts.items()} if len(self.parts) > 1 else {}
        )
        inside = {f"loss_{name}_{part}": x for name, term in self._terms().items() for part, x in term.report().items()}
        return several | inside | self.head.report()


class Watch:
    """One optimiser step under watch: its losses, and the running statistics as they were before it.

    Args:
        modules: network and losses; their buffers (batch normalisation, lengths of embeddings) are copied.
        together: the processes have different gradients, and stop together.
    """

    def __init__(self, *modules: nn.Module, together: bool = False) -> None:
        self.modules, self.together = modules, together
        self.kept = [(buffer, buffer.clone()) for module in modules for buffer in module.buffers()]
        self.losses: list[Tensor] = []
        self.parts: list[dict[str, Tensor]] = []

    def saw(self, loss: Tensor, parts: Mapping[str, Tensor] | None = None) -> None:
        """Note the loss of a micro-batch, and its summands by name."""
        self.losses.append(loss.detach())
        self.parts.append({name: value.detach() for name, value in (parts or {}).items()})

    def check(self, step: int, names: Callable[[int], Sequence[str]]) -> None:
        """Call it between the backward pass and the update of the weights.

        One number is read back a step, for which an accelerator waits once.

        Args:
            step: number of the step, from 0.
            names: from the number of a micro-batch in the step to its images.

        Raises:
            InputError: if a loss or the norm of the gradient is not finite. Weights are as before the step, and so are
                the running statistics.
        """
        slopes = [p.grad for module in self.modules for p in module.parameters() if p.grad is not None]
        norm = get_total_norm(slopes) if slopes else self.losses[0].new_zeros(())
        norm = total(norm) if self.together else norm
        *losses, slope = torch.stack([*self.losses, norm.to(self.losses[0])]).tolist()
        if math.isfinite(slope) and all(map(math.isfinite, losses)):
            return
        for buffer, before in self.kept:
            buffer.copy_(before)
        parts, bad = "", next((micro for micro, loss in enumerate(losses) if not math.isfinite(loss)), None)
        if bad is None:
            what, micros = f"the gradient is {slope}", range(len(losses))
        else:
            what, micros = f"the loss is {losses[bad]}", range(bad, bad + 1)
            if len(self.parts[bad]) > 1:
                parts = f" ({', '.join(f'{name} {float(value):.4g}' for name, value in self.parts[bad].items())})"
        images = ", ".join(dict.fromkeys(name for micro in micros for name in names(micro)))
        raise InputError(
            f"{what} at step {step + 1}; lower train.lr or set train.precision to fp32{parts}. Nothing was written: "
            f"the last checkpoint is kept. Images of the batch: {images}."
        )


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
        kind = accelerator.device.type
        if kind == "cpu" and arithmetic(experiment.train.precision, kind) == "bf16":
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
        watch = Watch(self.model, self.objective, together=self.objective.sharded)
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
                right = self.objective.head.right(view.embedding, view.subject)
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
            parameters = [p for module in modules for p in module.parameters()]
            clip_grads_with_norm_(parameters, cfg.clip, self._norm(parameters))
        self.opt.step()

    def _norm(self, parameters: Sequence[nn.Parameter]) -> Tensor:
        """Norm of the gradient; of a head that is cut over the processes, with the shards of all."""
        own = self.objective.head.weight if self.objective.sharded else None
        same = get_total_norm([p.grad for p in parameters if p is not own and p.grad is not None])
        return same if own is None else (same.square() + total(own.grad.norm().square())).sqrt()

    def _forward(self, batch: Batch, number: int, done: float) -> StepView:
        torch.manual_seed((self.experiment.seed * seeds.DROPOUT + number) * seeds.PROCESSES + self.batches.rank)
        wanted = self.objective.wanted
        with autocast(self.experiment.train.precision, batch.images.device.type):
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


def _inputs(model: Network, batch: Batch, seed: int, number: int) -> list[Tensor | None]:
    """What the model's `forward` takes of a batch, in its order."""
    given = {"images": scaled_for(model, batch.images), "boxes": batch.boxes}
    if "partner" in model.inputs:
        partner = cast("Any", model).plan_step(batch.subject, batch.family, seed, number, batch.twins)
        given["partner"] = local_partner(partner, batch.here)
    return [given[name] for name in model.inputs]
