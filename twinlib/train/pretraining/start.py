"""Where a network's backbone starts: a trunk of `twinlib/weights/`, a weight file, or the hub of timm."""

import functools
from pathlib import Path
from typing import Any

from twinlib import config, files, paths
from twinlib.config import MODELS
from twinlib.errors import InputError
from twinlib.models import HUB

FILES = (".safetensors", ".pth", ".pt", ".bin")


def trunk_file(name: str) -> Path:
    """Weights of a trunk by name, as `train.trunk` gives it, or the weight file that it names by its path.

    Raises:
        InputError: if there is none; the message lists the known ones.
    """
    if Path(name).suffix in FILES:
        if not Path(name).is_file():
            raise InputError(f"train.trunk: there is no weight file {name!r}.")
        return Path(name)
    folder = paths.package_dir() / "weights"
    if not (file := folder / f"{name}.safetensors").is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.safetensors"))) or "none"
        raise InputError(
            f"train.trunk: {name!r} is unknown; known: {known}, {HUB}, or a .safetensors or .pth file. "
            "`twinlib trunk` makes one."
        )
    return file


def start_hash(experiment: config.Experiment) -> str | None:
    """What identifies, in a record's hashes, the weights that training starts from; None for random ones."""
    source = experiment.train.trunk
    if source is None:
        return None
    if source == HUB:  # the name decides the content: timm pins it
        return files.hash_of({"hub": getattr(experiment.model, "backbone", None)})
    file = trunk_file(source)
    return _sha256(file, file.stat().st_mtime_ns)


@functools.cache
def _sha256(file: Path, _changed: int) -> str:
    """Hash of a weight file, taken once as long as it does not change: a study needs it for every row and seed."""
    return files.sha256(file)


def starting_weights(experiment: config.Experiment) -> tuple[dict[str, Any] | None, str]:
    """Weights of the backbone to start from, and what a record says as its `init`.

    Our own trunks go in as they are. Published weights are fitted to a backbone of the experiment's settings by
    `twinlib.train.pretraining.ready_made`: a ViT's with positions resampled, mean and deviation folded in.

    Raises:
        InputError: unknown, unreachable, or of another shape.
    """
    from safetensors.torch import load_file
    from timm.models.vision_transformer import VisionTransformer

    from twinlib.train.pretraining.ready_made import load_pretrained, load_published

    source = experiment.train.trunk
    if source is None:
        return None, "scratch"
    if source != HUB and (file := trunk_file(source)).parent == paths.package_dir() / "weights":
        return load_file(file), "trunk"
    model = MODELS.build(experiment.model)
    backbone, name = getattr(model, "backbone", None), getattr(experiment.model, "backbone", None)
    if isinstance(backbone, VisionTransformer):
        init = load_pretrained(backbone, source)
    elif name is not None and backbone is not None:
        _check_input(experiment, name)
        init = load_published(backbone, name, source)
    else:
        raise InputError(
            f"train.trunk {source!r}: published weights fit networks of timm, not {experiment.model_name}."
        )
    return {name: value.clone() for name, value in backbone.state_dict().items()}, init


def _check_input(experiment: config.Experiment, name: str) -> None:
    """Refuse published weights of a network that would see pixels on another scale than they were trained on."""
    from twinlib.ahan.backbone import HALF, expected

    if expected(name) != (HALF, HALF) and getattr(experiment.model, "pixels", None) == "ours":
        raise InputError(
            f"published weights of {name} expect pixels of its own mean and deviation, not those of {HALF[0]}: set "
            "model.pixels=backbone."
        )
