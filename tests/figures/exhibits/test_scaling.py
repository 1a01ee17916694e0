from pathlib import Path

import pandas as pd
import pytest

from twinlib.figures.exhibits.scaling import (
    Link,
    StepParts,
    gather_seconds,
    head_bytes,
    head_table,
    reduce_seconds,
    scaled,
    scaling_table,
    step_parts,
    step_seconds,
)

PARTS = StepParts(0.01, 0.5, 0.002, 0.01, 1_000_000, 512, 32)
LINK = Link(1e9, 1e-5)


def ring(size, processes, link, rounds):
    """Pass pieces round a ring, a message at a time."""
    return sum(size / link.bytes_per_second + link.latency for _ in range(rounds * (processes - 1)))


def test_rings_by_hand():
    assert reduce_seconds(8e6, 4, LINK) == pytest.approx(ring(2e6, 4, LINK, rounds=2))
    assert gather_seconds(1e3, 5, LINK) == pytest.approx(ring(1e3, 5, LINK, rounds=1))


def test_alone_nothing_is_sent_and_more_processes_are_never_more_efficient():
    assert step_seconds(PARTS, 1, LINK) == pytest.approx(0.522)
    table = scaling_table(PARTS, LINK).set_index("processes")
    assert table.efficiency[1] == 1
    assert 1 > table.efficiency[8] > table.efficiency[64] > 0
    free = scaling_table(StepParts(0.01, 0.5, 0.0, 0.01, 0, 0, 32), Link(1e9, 0.0))
    assert free.efficiency.tolist() == pytest.approx([1, 1, 1])


def test_memory_of_a_head_by_hand_and_as_measured():
    told = head_bytes(10_000_000, 8, images=128, width=512)
    assert told["weights"] == told["gradient"] == told["optimiser"] == 10_000_000 // 8 * 512 * 4
    assert told["logits"] == 1_250_000 * 1024 * 4
    assert told["peak"] == 2 * told["weights"] + told["weights"] + 4 * told["logits"]  # logits are larger than centres
    measured = pd.read_csv(Path(__file__).parents[3] / "results/benchmarks/head_memory.csv").dropna()
    assert len(measured) == 3
    assert measured.peak_gb.tolist() == pytest.approx(measured.measured_peak_gb.tolist(), rel=0.1)


def test_shards_and_samples_need_less_and_the_stored_table_is_this_one():
    table = head_table()
    stored = pd.read_csv(Path(__file__).parents[3] / "results/benchmarks/head_memory.csv")[: len(table)]
    pd.testing.assert_frame_equal(stored[table.columns], table, rtol=1e-3)
    for _, rows in table.groupby(["identities", "share"]):
        assert rows.weights_gb.is_monotonic_decreasing
        assert rows.logits_gb.tolist() == pytest.approx([rows.logits_gb.iloc[0]] * 3, rel=1e-2)
    by_share = table.pivot(index=["identities", "processes"], columns="share", values="peak_gb")
    assert (by_share[0.1] < by_share[1.0]).all()


def test_parts_are_read_from_the_measured_table():
    table = pd.read_csv(Path(__file__).parents[3] / "results/benchmarks/step_time.csv")
    parts = step_parts(table, "ahan, cpu profile")
    alone = table.query("network == 'ahan, cpu profile' and part == 'step' and device == 'cpu'")["ms"].item() / 1000
    assert step_seconds(parts, 1, LINK) == pytest.approx(alone, rel=0.01)
    assert (parts.images, parts.embedding) == (96, 512)


def test_twice_the_images_at_twice_the_speed_take_as_long_but_for_the_optimiser():
    other = scaled(PARTS, images=2, speed=2.0)
    assert step_seconds(other, 1, LINK) == pytest.approx(step_seconds(PARTS, 1, LINK) - PARTS.optimiser / 2)
    assert (other.images, other.parameters) == (64, PARTS.parameters)
