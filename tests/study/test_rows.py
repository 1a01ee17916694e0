import pytest

from twinlib import config
from twinlib.errors import InputError
from twinlib.study.rows import COLUMNS, chosen, read_rows, read_tuned, read_tuning, rows_file, write_tuning

TABLE = """
profile: smoke
seeds: 2
trunks: [small, b]
parts:
  "1":
    title: first
    rows:
      vit: {keep: [1]}
      mean: {experiment: vit, set: [model.head=mean, train.trunk=small], tuning: vit}
  4b:
    seeds: 3
    set: [data.flip=none]
    rows:
      ahan: {set: [train.passes=96, train.warmup=0], trunks: []}
"""


def table(tmp_path, text=TABLE):
    (tmp_path / "rows.yaml").write_text(text)
    return tmp_path / "rows.yaml"


def test_rows_come_in_the_order_of_the_table_with_what_their_part_and_the_table_give(tmp_path):
    vit, mean, ahan = read_rows(table(tmp_path), {"vit": ("train.lr=1.0e-3",)})
    assert [(row.part, row.name, row.seeds) for row in (vit, ahan)] == [("1", "vit", (0, 1)), ("4b", "ahan", (0, 1, 2))]
    assert (vit.keep, vit.trunks, ahan.trunks, ahan.title) == ((1,), ("small", "b"), (), "")
    assert (mean.experiment, mean.tuned, ahan.tuned) == ("vit", ("train.lr=1.0e-3",), None)
    assert mean.base.model.head == "mean"
    assert mean.base.train.lr == 1e-3
    assert ahan.of(2) == config.load("ahan", "smoke", ("data.flip=none", "train.passes=96", "train.warmup=0"), 2)


def test_trunks_alternate_over_the_seeds_and_a_row_from_scratch_stays_one(tmp_path):
    vit, mean, _ = read_rows(table(tmp_path))
    assert [mean.of(seed).train.trunk for seed in range(3)] == ["small", "b", "small"]
    assert vit.of(1).train.trunk is None
    assert vit.of(1, twice=True).train.passes == 2 * vit.of(1).train.passes


def test_parts_rows_and_seeds_can_be_chosen(tmp_path):
    rows = read_rows(table(tmp_path))
    assert [row.name for row in chosen(rows, part="4b,1", row="vit, ahan")] == ["vit", "ahan"]
    assert [(row.name, row.seeds) for row in chosen(rows, seed=2)] == [("ahan", (2,))]
    for wrong, message in (
        ({"part": "9"}, "part '9' is unknown; known: 1, 4b"),
        ({"row": "vitt"}, "row 'vitt' is unknown; known: vit, mean, ahan"),
        ({"row": "vit", "seed": 2}, "no row is left"),
    ):
        with pytest.raises(InputError, match=message):
            chosen(rows, **wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("      mean:", "      vit2: {sets: [a]}\n      mean:"), "row vit2: row.sets is unknown"),
        (("tuning: vit", "tuning: vitt"), "row 'mean' takes the tuning of 'vitt', which is no row"),
        (("keep: [1]", "keep: [2]"), "row vit: it keeps the weights of seed 2"),
        (("seeds: 3", "seeds: 0"), "row ahan: seeds is 0"),
        (("ahan: {", "vit: {"), "row 'vit' occurs twice"),
        (("ahan: {set", "mean: {}\n      mean: {set"), "'mean' occurs twice"),
        (("profile: smoke", "profil: smoke"), "table.profil is unknown"),
        (("seeds: 2", "seeds: two"), "seeds"),
        (("parts:", "parts: ["), "is not valid YAML"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path, change, message):
    with pytest.raises(InputError, match=message) as refused:
        read_rows(table(tmp_path, TABLE.replace(*change)))
    assert "rows.yaml" in str(refused.value)


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml cannot be read"):
        read_rows(tmp_path / "none.yaml")


def test_every_row_of_the_report_can_be_resolved():
    rows = read_rows()
    assert rows_file().is_file()
    parts = list(dict.fromkeys(row.part for row in rows))
    assert parts == ["1", "2", "3", "4", "4b", "5", "6", "7", "8", "9", "10"]
    keys = {str(row.base.key()): row.name for row in rows}
    assert len(keys) == len(rows)  # no two rows are one run
    assert all(row.base.data.flip == "none" for row in rows if row.part in "1 2 3")
    assert all(row.base.evaluate.sets[-1].endswith("nothing") for row in rows)  # the control


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
