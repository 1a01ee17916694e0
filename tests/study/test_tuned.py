import pytest

from twinlib.errors import InputError
from twinlib.study.tuned import COLUMNS, read_tuned, read_tuning, write_tuning


def line(row, settings="", auc=0.7, chosen=0):
    return {"row": row, "settings": settings, "auc": auc, "passes": 6000, "edge": "", "chosen": chosen}


def test_what_was_chosen_is_read_back_and_other_rows_stay(tmp_path):
    file = tmp_path / "tuning.csv"
    assert read_tuned(file) == {}
    write_tuning(file, [line("vit", "", 0.7, 1), line("vit", "train.lr=0.003", 0.6)])
    write_tuning(file, [line("ahan"), line("ahan", "train.lr=0.003 loss.m=0.2", 0.8, 1)])
    assert read_tuned(file) == {"vit": (), "ahan": ("train.lr=0.003", "loss.m=0.2")}
    before = file.read_text()
    write_tuning(file, [line("vit", "", 0.7, 1), line("vit", "train.lr=0.003", 0.6)])
    assert file.read_text() == before  # the same lines in place of their older selves
    assert list(read_tuning(file)) == COLUMNS


@pytest.mark.parametrize("chosen", [(0, 0), (1, 1)])
def test_a_row_with_none_or_two_chosen_lines_is_refused(tmp_path, chosen):
    write_tuning(tmp_path / "t.csv", [line("vit", chosen=chosen[0]), line("vit", "train.lr=1", chosen=chosen[1])])
    with pytest.raises(InputError, match=rf"row 'vit' has {sum(chosen)} chosen lines"):
        read_tuned(tmp_path / "t.csv")


@pytest.mark.parametrize("text", ["", "row,settings\n", "\x00"])
def test_a_damaged_table_is_named(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=r"t\.csv"):
        read_tuned(tmp_path / "t.csv")
