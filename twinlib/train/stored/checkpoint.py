"""Checkpoints: safetensors, whole or not at all, refused when they belong to another run.

A checkpoint holds weights, loss buffers, optimiser and history. Batches, augmentation and noise follow from
(seed, step), so there is no random state to keep.
"""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from twinlib import files
from twinlib.errors import InputError

KEEP = 2  # newest ones that stay: the last, and one to fall back on
PATTERN = "step-*.safetensors"


class State(TypedDict):
    """What a run needs to go on."""

    run: str  # hash of the resolved run
    step: int  # optimiser steps done
    model: dict[str, Tensor]
    loss: dict[str, Tensor]
    optimizer: dict[str, Any]
    history: list[dict[str, float | int]]
    spent: NotRequired[list[float]]  # seconds of the clock and of the processor, over all processes that trained it


def save(path: Path, state: State) -> None:
    """Write a checkpoint.

    Raises:
        InputError: if the disk is full or a weight is not finite; what was there before stays.
    """
    tensors = {f"{part}.{name}": value for part in ("model", "loss") for name, value in state[part].items()}
    if broken := [name for name, value in tensors.items() if not torch.isfinite(value).all()]:
        raise InputError(
            f"{broken[0]} is not finite after step {state['step']}; lower train.lr. Nothing was written: the last "
            "checkpoint is kept."
        )
    moments: dict[int, dict[str, Tensor | None]] = state["optimizer"].get("state", {})
    for number, values in moments.items():
        tensors |= {f"optimizer.{number}.{name}": value for name, value in values.items() if value is not None}
    told: dict[str, object] = {"run": state["run"], "step": state["step"], "history": state["history"]}
    told["spent"] = state.get("spent", [0.0, 0.0])
    told |= {"groups": state["optimizer"].get("param_groups", [])}
    save_weights(path, tensors, {"told": json.dumps(told)})


def save_weights(path: Path, tensors: Mapping[str, object], metadata: dict[str, str] | None = None) -> None:
    """Write tensors as safetensors, whole or not at all.

    Raises:
        InputError: if the disk is full; what was there before stays.
    """
    whole = {name: torch.as_tensor(value).detach().cpu().contiguous() for name, value in tensors.items()}
    with files.replacing(path) as temporary:
        try:
            save_file(whole, temporary, metadata)
        except SafetensorError as error:  # this is how a full disk shows
            raise InputError(
                f"cannot write {path}: {error}. Free some space; the last checkpoint is intact."
            ) from error


def load(path: Path, run: str) -> State | None:
    """Read a checkpoint of this very run.

    Args:
        path: file written by `save`.
        run: hash of the resolved run.

    Returns:
        None if there is no file or it belongs to a run with another hash (then training starts from nothing).

    Raises:
        InputError: if the file is damaged; the message names it and what to do.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as stored:
            told = json.loads(stored.metadata()["told"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path} is damaged ({type(error).__name__}). Delete it to train from the beginning."
        ) from error
    if told["run"] != run:
        return None
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "loss": {}, "optimizer": {}}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = value
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in parts["optimizer"].items():
        number, _, rest = name.partition(".")
        moments.setdefault(int(number), {})[rest] = value
    optimizer = {"state": moments, "param_groups": told["groups"]}
    return State(run=run, step=told["step"], model=parts["model"], loss=parts["loss"], optimizer=optimizer,
                 history=told["history"], spent=told.get("spent", [0.0, 0.0]))  # fmt: skip


def save_newest(folder: Path, state: State) -> None:
    """Write the checkpoint of a step into the run's folder; the newest two stay.

    Raises:
        InputError: if the disk is full; the checkpoints before it stay.
    """
    save(folder / f"step-{state['step']:08d}.safetensors", state)
    for old in sorted(folder.glob(PATTERN))[:-KEEP]:
        old.unlink(missing_ok=True)


def newest(folder: Path, run: str) -> State | None:
    """The newest whole checkpoint of this very run in its folder; a damaged one is named in a warning and skipped."""
    for path in sorted(folder.glob(PATTERN), reverse=True):
        try:
            state = load(path, run)
        except InputError as error:
            warnings.warn(f"{error} For now it is skipped.", stacklevel=2)
            continue
        if state is not None:
            return state
    return None


def clear(folder: Path) -> None:
    """Delete the checkpoints of a finished run, and what a killed process left half-written."""
    for pattern in (PATTERN, "shard-*.safetensors", "best.safetensors", ".partial-*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
