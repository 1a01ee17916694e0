"""Commands on networks: the trunk that rows start from, a network as an ONNX file."""

from pathlib import Path

from twinlib.errors import InputError
from twinlib.ranges import Count, Seed


def trunk(
    out: str,
    experiment: str = "vit",
    profile: str = "study",
    seed: Seed = 0,
    passes: Count = 180000,
    data: str = "strangers",
    precision: str = "fp32",
) -> None:
    """Pre-train a backbone on renderer targets and identities of training families.

    Args:
        out: file to write, ending in .safetensors; a JSON beside it says how it was made.
        experiment: whose network, data and training settings are used.
        profile: smoke, cpu, full or study.
        seed: of weights, batches and augmentation.
        passes: images seen.
        data: set whose training families it learns on; strangers shares none with any other.
        precision: fp32 or bf16.
    """
    from twinlib.train.pretraining.trunk import make_trunk

    if not out.endswith(".safetensors"):
        raise InputError(f"out must end in .safetensors; got {out!r}.")
    # nothing stands still and nothing is loaded: this is where rows start, it does not start anywhere itself
    settings = ("train.frozen=null", "train.trunk=null", "data.families=null", "evaluate.sets=[]")
    settings += () if profile == "smoke" else ("train.warmup=60",)  # longer than all of smoke
    settings += (f"train.passes={passes}", f"train.precision={precision}", f"data.name={data}")
    print(make_trunk(experiment, profile, seed, settings, Path(out)))


def export(weights: str, out: str) -> None:
    """Write a trained network as an ONNX file, and compare the two.

    Args:
        weights: folder with model.safetensors and config.json, safetensors file, id of a run, bundled or hub model.
        out: file to write.
    """
    from twinlib.models.onnx import difference, examples, export_onnx
    from twinlib.train.stored.origin import located
    from twinlib.train.stored.pretrained import load

    net = load(located(weights, None, False))
    export_onnx(net, Path(out))
    print(f"{out}: inputs {', '.join(examples(net, 1))}; differs from the network by {difference(net, Path(out)):.1e}")
