from pathlib import Path

import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.records import published as module
from twinlib.records.published import published

FILE = Path(__file__).parents[2] / "results/paper_values.csv"


def test_every_value_of_the_file_is_found():
    table = pd.read_csv(FILE, keep_default_na=False)
    keys = ["source", "table", "row", "column"]
    assert not table.duplicated(keys).any()
    for entry in table.sample(40, random_state=0).itertuples():
        assert published(entry.source, entry.table, entry.row, entry.column)[:2] == (entry.value, entry.unit)


def test_both_hard_twin_figures_of_ahan_are_kept():
    assert published("ahan", "main", "ahan_vitb16", "hard_twin_acc").value == 88.5
    assert published("ahan", "ablation", "ahan", "hard_twin_acc").value == 78.4


def test_an_unknown_entry_lists_its_neighbours():
    with pytest.raises(InputError, match=r"no column 'x' in ahan/ablation/vitb/x; known: hard_twin_acc, twin_acc"):
        published("ahan", "ablation", "vitb", "x")


def test_another_results_folder_reads_the_committed_file(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    assert published("ahan", "ablation", "vitb", "twin_acc").value == 81.2
    monkeypatch.setenv("TWINLIB_ROOT", str(tmp_path))
    with pytest.raises(InputError, match="restore it"):
        published("ahan", "ablation", "vitb", "twin_acc")


def test_an_amount_holds_within_a_quarter_and_the_operations_are_not_as_published():
    table = module.added_costs().set_index("quantity")
    assert table["published"].tolist() == [33, 36]
    assert table["verdict"].tolist() == ["holds", "does not hold"]
    assert table["ratio"].to_numpy() == pytest.approx((table["published"] / table["ours"]).to_numpy())


def test_ta_pwca_is_free_only_while_the_operations_add_up_without_it(monkeypatch):
    assert module.free_once_trained()[0] == "holds"
    dearer = module.module_costs().copy()
    dearer.loc[(module.BASE, "AHAN"), "flops"] += 1
    monkeypatch.setattr(module, "module_costs", lambda: pd.DataFrame(dearer))
    assert module.free_once_trained()[0] == "does not hold"
