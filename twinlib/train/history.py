"""The training history as it grows: a JSON file, and TensorBoard where it is asked for."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from jaxtyping import UInt8
from torch import nn

from twinlib import files
from twinlib.data.feed.augment import normalise
from twinlib.data.feed.trainset import TrainSet

if TYPE_CHECKING:
    from twinlib.ahan.vit import ViT


class Curves:
    """Rows of a history, written to `training_history.json` and to TensorBoard.

    Args:
        folder: of the run; the file and the event files (`tensorboard/`) go there.
        rows: what the run logged before it was resumed.

    Notes:
        TensorBoard is on where the environment variable TWINLIB_TENSORBOARD is set and not empty: it watches a run and
        is no part of it, so it is no setting of the experiment.
    """

    def __init__(self, folder: Path, rows: list[dict[str, float | int]]) -> None:
        self.file, self.rows, self.writer = folder / "training_history.json", list(rows), None
        if os.environ.get("TWINLIB_TENSORBOARD"):
            from torch.utils.tensorboard import SummaryWriter

            self.writer = SummaryWriter(str(folder / "tensorboard"))

    def add(self, row: dict[str, float | int]) -> None:
        """Take in a row with its `step`; the JSON file is written whole."""
        self.rows.append(row)
        files.write_json(self.file, self.rows)
        if self.writer is not None:
            for name in row.keys() - {"step"}:
                self.writer.add_scalar(name, row[name], int(row["step"]))
            self.writer.flush()

    def look(self, net: nn.Module, data: TrainSet, step: int) -> None:
        """Send TensorBoard what the network reads of a few training images, if it can say.

        The maps alone, without faces: pictures of people do not belong in a log. A row for each image: what its class
        token reads, what each region of HCA reads at its finest scale, where FAAM finds the halves different; of the
        local-global network the gate of its places.
        """
        shows = getattr(net, "placed", False) or "attention" in getattr(net, "outputs", ())
        if self.writer is not None and shows:
            self.writer.add_image("attention", attention_picture(net, data), step, dataformats="HW")
            self.writer.flush()


@torch.no_grad()
def attention_picture(net: nn.Module, data: TrainSet, images: int = 4, scale: int = 8) -> UInt8[np.ndarray, "H W"]:
    """Maps of the first training images side by side, each stretched from its least value (black) to its largest.

    Args:
        net: a plain ViT, AHAN, or the local-global network.
        data: training images.
        images: how many rows.
        scale: pixels a token.
    """
    from twinlib.ahan.maps import face_maps, looked_at

    device, rows = next(net.parameters()).device, data.rows[:: max(1, len(data.rows) // images)][:images]
    crops = normalise(torch.from_numpy(data.crops[rows]).to(device))
    boxes = torch.from_numpy(data.boxes[rows]).float().to(device)
    if getattr(net, "placed", False):
        found = face_maps(cast("ViT", net), crops, boxes)
        maps = [found.token[:, None]]
        maps += [] if found.attention is None else [found.attention[:, :, 0]]
        maps += [] if found.asymmetry is None else [found.asymmetry[:, None]]
    else:
        training = net.training  # a forward pass would move the statistics of its norms
        maps = [one[:, None] for one in looked_at(net.eval(), crops, boxes).values()]
        net.train(training)
    tiles = torch.cat(maps, 1).float()
    low, high = tiles.amin((2, 3), keepdim=True), tiles.amax((2, 3), keepdim=True)
    tiles = nn.functional.pad((tiles - low) / (high - low).clamp_min(1e-12), (0, 1, 0, 1))
    grid = tiles.permute(0, 2, 1, 3).flatten(2).flatten(0, 1)
    return (255 * grid).byte().repeat_interleave(scale, 0).repeat_interleave(scale, 1).cpu().numpy()
