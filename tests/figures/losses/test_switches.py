import torch

from twinlib.figures.losses.switches import switches


def test_every_switch_changes_a_number_and_its_rows_stand_together():
    images = 2 * torch.rand(48, 3, 64, 64, generator=torch.Generator().manual_seed(0)) - 1
    table = switches(images)
    assert table.value.notna().all()
    counts = table.groupby(["loss", "switch"]).value.agg(["size", "nunique"])
    assert (counts["size"] > 1).all()
    assert (counts["nunique"] > 1).all(), counts
    assert len(counts) == 16
    by = dict(zip(table.choice, table.value, strict=True))
    assert by["train_embedding: false"] == 0 < by["train_embedding: true"]
    assert abs(by["whole: false"]) < 1e-3 < -by["whole: true"]
    order = (table.loss + table.switch).tolist()
    assert all(order.index(name) + order.count(name) > i for i, name in enumerate(order))
    again = switches(images)
    assert table.equals(again)
