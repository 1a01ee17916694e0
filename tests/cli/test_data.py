import pytest

from twinlib.cli import data, main


def test_every_command_of_the_group_explains_itself(capsys):
    for name in data.COMMANDS:
        with pytest.raises(SystemExit) as stop:
            main.main(["data", name, "--help"])
        assert stop.value.code == 0
        assert f"twinlib [options] data [options] {name}" in " ".join(capsys.readouterr().out.split())


def test_messages_name_group_and_command(capsys):
    assert main.main(["data", "landmarks", "nowhere"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("twinlib data landmarks: ")
    assert "nowhere does not exist" in error


@pytest.mark.parametrize("arguments", [["data"], ["data", "fly"], ["data", "landmarks"]])
def test_bad_options_end_with_code_2(arguments):
    with pytest.raises(SystemExit) as stop:
        main.main(arguments)
    assert stop.value.code == 2
