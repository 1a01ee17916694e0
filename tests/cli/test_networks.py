import pytest

from twinlib.cli.main import main


def test_a_trunk_is_made_by_one_command(smoke_set, tmp_path):
    out = tmp_path / "new/oak.safetensors"
    assert main(["trunk", str(out), "--profile", "smoke", "--passes", "240", "--data", "smoke"]) == 0
    assert out.is_file()
    assert out.with_suffix(".json").is_file()


@pytest.mark.parametrize(("name", "said"), [("oak.pt", "must end in .safetensors"), ("oak", "must end in")])
def test_another_format_is_refused(tmp_path, capsys, name, said):
    assert main(["trunk", str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err
