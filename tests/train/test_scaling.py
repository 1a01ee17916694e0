import pytest

from twinlib.train.scaling import Link, StepParts, gather_seconds, reduce_seconds, scaling_table, step_seconds

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
