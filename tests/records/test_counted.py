import pandas as pd
import pytest

from twinlib.records import counted


def test_an_amount_holds_within_a_quarter_and_the_operations_are_not_as_published():
    table = counted.added_costs().set_index("quantity")
    assert table["published"].tolist() == [33, 36]
    assert table["verdict"].tolist() == ["holds", "does not hold"]
    assert table["ratio"].to_numpy() == pytest.approx((table["published"] / table["ours"]).to_numpy())


def test_ta_pwca_is_free_only_while_the_operations_add_up_without_it(monkeypatch):
    assert counted.free_once_trained()[0] == "holds"
    dearer = counted.module_costs().copy()
    dearer.loc[(counted.BASE, "AHAN"), "flops"] += 1
    monkeypatch.setattr(counted, "module_costs", lambda: pd.DataFrame(dearer))
    assert counted.free_once_trained()[0] == "does not hold"
