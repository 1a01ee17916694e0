import pytest

from twinlib.progress import progress


def test_items_pass_unchanged_and_the_count_is_told(capsys):
    assert list(progress([3, 1, 2], 3, "counting", "apple")) == [3, 1, 2]
    shown = capsys.readouterr().err
    assert "counting: 100%" in shown
    assert "3/3" in shown


def test_an_error_in_the_items_is_not_swallowed():
    def items():
        yield 1
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        list(progress(items(), 2, "x"))


def test_nothing_is_shown_where_another_process_tells(capsys):
    assert list(progress(range(3), 3, "counting", shown=False)) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_without_a_terminal_every_look_is_a_line_that_ends(capsys, monkeypatch):
    monkeypatch.setattr("twinlib.progress.LINE_EVERY", 0)
    bar = progress(range(3), 3, "training vit", "step")
    for _ in bar:
        bar.set_postfix({"loss": "1.234", "images/s": "71"}, refresh=False)
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("training vit: ") and line.endswith(" left") for line in lines)
    assert lines[-1].startswith("training vit: 100%, 3/3, ")
    assert "loss=1.234, images/s=71, " in lines[-1]
    assert len(set(lines)) == len(lines) >= 3
