"""The command that makes the trunk which the small rows start from."""

from pathlib import Path

from twinlib.errors import InputError


def trunk(out: str, experiment: str = "vit_grid", profile: str = "cpu", seed: int = 0, passes: int = 60000) -> None:
    """Pre-train a backbone on renderer targets of training families.

    Args:
        out: file to write, ending in .safetensors; a JSON beside it says how it was made.
        experiment: whose network, data and training settings are used.
        profile: smoke, cpu or full.
        seed: of weights, batches and augmentation.
        passes: images seen.
    """
    from twinlib.train.trunk import make_trunk

    if not out.endswith(".safetensors"):
        raise InputError(f"out must end in .safetensors; got {out!r}.")
    # nothing stands still and nothing is loaded: this is where rows start, it does not start anywhere itself
    settings = (f"train.passes={passes}", "train.warmup=60", "train.frozen=null", "train.trunk=null")
    print(make_trunk(experiment, profile, seed, settings, Path(out)))
