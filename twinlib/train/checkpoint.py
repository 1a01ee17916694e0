"""Checkpoints: whole or not at all, refused when they belong to another run."""

from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor

from twinlib import files
from twinlib.errors import InputError


class State(TypedDict):
    """What a run needs to go on: batches and augmentation follow from (seed, step), so no random state is kept."""

    run: str  # hash of the resolved run
    step: int  # optimiser steps done
    model: dict[str, Tensor]
    loss: dict[str, Tensor]
    optimizer: dict[str, object]
    history: list[dict[str, float | int]]


def save(path: Path, state: State) -> None:
    """Write a checkpoint.

    Raises:
        InputError: if the disk is full; the previous checkpoint stays.
    """
    with files.replacing(path) as temporary:
        try:
            torch.save(state, temporary)
        except RuntimeError as error:  # torch reports a full disk this way
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
        state: State = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a truncated file raises almost anything
        raise InputError(
            f"{path} is damaged ({type(error).__name__}). Delete it to train from the beginning."
        ) from error
    return state if state.get("run") == run else None
