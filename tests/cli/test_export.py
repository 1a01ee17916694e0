from twinlib.cli import main


def test_the_command_refuses_what_is_not_there(tmp_path, capsys):
    assert main.main(["export", str(tmp_path / "none.safetensors"), str(tmp_path / "x.onnx")]) == 2
    assert "none.safetensors" in capsys.readouterr().err
