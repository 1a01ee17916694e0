"""The command that writes a trained network as an ONNX file."""

from pathlib import Path


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
