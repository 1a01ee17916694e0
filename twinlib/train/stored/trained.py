"""The network behind a record, where its weights are still on this machine."""

from pathlib import Path

from safetensors.torch import save
from torch import nn

from twinlib import files, paths
from twinlib.models.network import Network
from twinlib.records.runs import Run
from twinlib.train.stored import pretrained


def trained_folder(run: Run) -> Path | None:
    """Folder with the weights of a run and the `config.json` that says what they are of.

    Weights are not committed: they lie in `build/checkpoints/` of the machine that trained them.

    Args:
        run: a record.

    Returns:
        None if the weights are not here, or are not the ones that the record was made with.
    """
    folder = paths.build_dir() / "checkpoints" / run.record["hashes"]["run"][:16]
    file = folder / pretrained.WEIGHTS
    if not file.is_file() or files.sha256(file) != run.record["extra"].get("weights_after"):
        return None
    if not (folder / pretrained.CONFIG).is_file():  # trained before runs wrote it
        pretrained.describe(run.record["config"]["model_name"], run.record["config"]["model"], folder)
    return folder


def trained_model(run: Run) -> Network | None:
    """The trained network of a run in `eval` mode, on the CPU; None where its weights are nowhere.

    Weights in half precision that a record brings are taken where those of the training are not here: cosines then
    differ from the record's scores by some 1e-3.

    Args:
        run: a record.

    Raises:
        InputError: the weights in the record were edited.
    """
    if (folder := trained_folder(run)) is not None:
        return pretrained.load(folder)
    if pretrained.WEIGHTS not in run.record.get("files", {}):
        return None
    run.checked(pretrained.WEIGHTS)
    return pretrained.load(run.folder / pretrained.WEIGHTS, settings=run.folder / "run.json")


def halved(net: nn.Module) -> bytes:
    """Weights of a network as safetensors, floats in half precision."""
    whole = {name: value.detach().cpu() for name, value in net.state_dict().items()}
    return save(
        {name: (value.half() if value.is_floating_point() else value).contiguous() for name, value in whole.items()}
    )
