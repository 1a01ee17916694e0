"""The network behind a record, where its weights are still on this machine."""

from torch import nn

from twinlib import config, files, models, paths
from twinlib.evaluate.runs import Run


def trained_model(run: Run) -> nn.Module | None:
    """The trained network of a run in `eval` mode, on the CPU.

    Weights are not committed: they lie in `build/checkpoints/` of the machine that trained them.

    Args:
        run: a record.

    Returns:
        None if the weights are not here, or are not the ones that the record was made with.
    """
    from jsonargparse import ArgumentParser
    from safetensors.torch import load_file

    file = paths.build_dir() / "checkpoints" / run.record["hashes"]["run"][:16] / "model.safetensors"
    if not file.is_file() or files.sha256(file) != run.record["extra"].get("weights_after"):
        return None
    name, settings = run.record["config"]["model_name"], run.record["config"]["model"]
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(config.MODELS[name], "model")
    model = models.build(name, parser.instantiate(parser.parse_object({"model": settings})).model)
    model.load_state_dict(load_file(file))
    return model.eval()
