"""Class centres that are cut over processes, on disk: each writes its own, any number of processes reads them again."""

from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from torch import Tensor

from twinlib.errors import InputError
from twinlib.losses.sharded import ShardedHead
from twinlib.train.stored.checkpoint import KEEP, State, save_weights

WEIGHT = "head.weight"  # in the state of an objective


def save(folder: Path, state: State, head: ShardedHead, opt: torch.optim.Optimizer) -> State:
    """Write the centres of this process, with the optimiser's numbers of them; the newest two stay.

    Every process calls this, and the main one writes the rest when all have.

    Args:
        folder: of the run; all processes see it.
        state: of this process.
        head: whose centres.
        opt: its optimiser.

    Returns:
        The state without them.

    Raises:
        InputError: if the disk is full or a centre is not finite; what was there before stays.
    """
    if not torch.isfinite(head.weight).all():
        raise InputError(
            f"a class centre is not finite after step {state['step']}; lower train.lr. Nothing was written."
        )
    place = _place(opt, head)
    moments = dict(state["optimizer"]["state"].get(place, {}))
    told = {"run": state["run"], "start": str(head.own.start), "stop": str(head.own.stop)}
    mine = {"weight": head.weight} | {name: value for name, value in moments.items() if value is not None}
    save_weights(folder / f"{_name(state['step'])}{head.own.start:010d}.safetensors", mine, told)
    for old in sorted(folder.glob(f"{_name(None)}{head.own.start:010d}.safetensors"))[:-KEEP]:
        old.unlink(missing_ok=True)
    others = {number: own for number, own in state["optimizer"]["state"].items() if number != place}
    loss = {name: value for name, value in state["loss"].items() if name != WEIGHT}
    return state | {"loss": loss, "optimizer": state["optimizer"] | {"state": others}}


def load(folder: Path, state: State, head: ShardedHead, opt: torch.optim.Optimizer) -> State:
    """The state with the centres of this process, cut anew where other numbers of processes wrote them.

    Raises:
        InputError: a shard is missing or damaged.
    """
    mine = _rows(folder, state["run"], state["step"], head.own)
    weight = mine.pop("weight")
    moments = {**state["optimizer"]["state"]} | ({_place(opt, head): mine} if mine else {})
    return state | {"loss": state["loss"] | {WEIGHT: weight}, "optimizer": state["optimizer"] | {"state": moments}}


def whole(folder: Path, run: str, step: int, classes: int) -> Float[Tensor, "C E"]:
    """The centres of all processes, in this one's memory."""
    return _rows(folder, run, step, range(classes), ("weight",))["weight"]


def _rows(folder: Path, run: str, step: int, own: range, names: tuple[str, ...] | None = None) -> dict[str, Tensor]:
    """Rows of a range of classes of everything that is stored; numbers that have no rows are taken as they are."""
    parts: dict[str, list[Tensor]] = {}
    have = own.start
    for path in sorted(folder.glob(f"{_name(step)}*.safetensors")):
        try:
            with safe_open(path, framework="pt") as stored:
                told = stored.metadata()
                start, stop = int(told["start"]), int(told["stop"])
                if told["run"] != run or stop <= have or start > have or have >= own.stop:
                    continue
                for name in names or stored.keys():
                    rows = stored.get_slice(name)
                    cut = rows[have - start : own.stop - start] if rows.get_shape() else stored.get_tensor(name)
                    parts.setdefault(name, []).append(cut)
        except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{path} is damaged ({type(error).__name__}). Delete step-{step:08d}.safetensors to go on from before."
            ) from error
        have = min(stop, own.stop)
    if have < own.stop:
        raise InputError(
            f"{folder}: the class centres from {have} of step {step} are missing. Delete it to train anew."
        )
    return {name: torch.cat(cuts) if cuts[0].ndim else cuts[0] for name, cuts in parts.items()}


def _name(step: int | None) -> str:
    """Beginning of the names of a step's files."""
    return f"shard-{'*' if step is None else f'{step:08d}'}-"


def _place(opt: torch.optim.Optimizer, head: ShardedHead) -> int:
    """Number of the centres among the parameters of the optimiser."""
    return next(i for i, p in enumerate(p for group in opt.param_groups for p in group["params"]) if p is head.weight)
