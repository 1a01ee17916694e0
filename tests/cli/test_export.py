import pytest
import torch
from small_networks import SMALL

from twinlib.cli import main
from twinlib.config import MODELS
from twinlib.train.stored.pretrained import save


def test_the_command_refuses_what_is_not_there(tmp_path, capsys):
    assert main.main(["export", str(tmp_path / "none.safetensors"), str(tmp_path / "x.onnx")]) == 2
    assert "none.safetensors" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_torchscript_runs_without_the_library_and_says_the_same(tmp_path, capsys):
    torch.manual_seed(0)
    net = MODELS.build(SMALL["mobilefacenet"]).eval()
    save(net, "mobilefacenet", SMALL["mobilefacenet"], tmp_path / "net")
    file = tmp_path / "net.pt"
    assert main.main(["export", str(tmp_path / "net"), str(file), "--format", "torchscript"]) == 0
    assert float(capsys.readouterr().out.rpartition(" by ")[2]) < 1e-4
    images = torch.randn(5, 3, 32, 32)  # another number than it was traced with
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.load(file)(images), net(images))
