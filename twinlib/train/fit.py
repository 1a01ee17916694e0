"""Whether a network has learned its training images, and what the learning cost: the lines of a finished row."""

from collections.abc import Iterable

import pandas as pd
import torch
from torch import nn

from twinlib.data.feed.trainset import TrainSet
from twinlib.losses.head import Head, NoHead
from twinlib.measure.features import embed
from twinlib.train.loop import Trained

CONTROL = "nothing"  # end of the names of the sets whose twins differ in nothing


@torch.no_grad()
def training_accuracy(
    net: nn.Module, head: Head | NoHead, data: TrainSet, device: str, batch: int = 64
) -> float | None:
    """Share of all training images whose own class centre is the nearest, in `eval` mode and without augmentation.

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
    e = torch.from_numpy(embed(net, data.crops, data.rows.tolist(), device, batch, data.boxes)).to(device)
    e = e[:, : head.weight.shape[1]]
    nearest = torch.cat([head.cosine(part).argmax(1) for part in e.split(1024)]).cpu().numpy()
    return float((nearest == data.subject).mean())


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
            row.protocol: [round(x, 4) for x in (row.value, row.low, row.high)] for row in control.itertuples()
        },
    }
