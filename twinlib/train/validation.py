"""What a run is watched by while it trains: the AUC of validation pairs."""

from collections.abc import Callable

from torch import nn

from twinlib.config import Experiment
from twinlib.data.manifest import Manifest
from twinlib.errors import InputError
from twinlib.faces.find import Faces
from twinlib.measure.embed import embed
from twinlib.measure.metrics import auc
from twinlib.train.scoring import Scored, pair_lists, score


def validation(
    experiment: Experiment, manifest: Manifest, faces: Faces, device: str
) -> Callable[[nn.Module], float] | None:
    """What `train.validate_every` asks for, as `validation_auc` gives it; None if no validation is wanted.

    Raises:
        InputError: if one is wanted and the data set has no validation pairs.
    """
    return validation_auc(experiment, manifest, faces, device) if experiment.train.validate_every else None


def validation_auc(
    experiment: Experiment, manifest: Manifest, faces: Faces, device: str
) -> Callable[[nn.Module], float]:
    """A function from a network to the AUC of the validation pairs: of twins, of strangers where there are none.

    Args:
        experiment: its `evaluate` says how many pairs a family and how large a batch.
        manifest: of the data set.
        faces: of the same.
        device: where the network is.

    Raises:
        InputError: if the data set has no validation pairs.
    """
    lists = pair_lists(manifest, experiment.evaluate.pairs)
    name = next((name for name in ("twin", "general") if name in lists), None)
    if name is None:
        raise InputError("train.validate_every and tuning: the data set has no pairs in its validation split.")
    pairs = lists[name][lists[name]["split"] == "validation"]
    scored = Scored(manifest, faces, {name: pairs})
    row_of = {image: row for row, image in enumerate(manifest.images["image"].astype(str))}
    rows = sorted({row_of[image] for side in ("image_a", "image_b") for image in pairs[side].astype(str)})

    def measure(net: nn.Module) -> float:
        e = embed(net, faces.crops, rows, device, experiment.evaluate.batch, faces.boxes)
        table = score(scored, rows, e)[name]
        return float(auc(table["score"].to_numpy(), table["same"].to_numpy().astype(bool)))

    return measure
