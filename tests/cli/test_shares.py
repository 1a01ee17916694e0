import numpy as np
import pytest
import torch

from twinlib.cli.shares import in_shares, key_of


@pytest.fixture
def asked():
    return []


@pytest.fixture
def embed(asked):
    def rows(which):
        asked.append(which.tolist())
        return {"emb": which[:, None] * np.ones(3), "found": which % 2 == 0}

    return rows


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_shares_join_to_what_one_run_gives(embed, asked, tmp_path):
    one = in_shares(embed, 11, 2, tmp_path / "one.npz", "k")
    assert [in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (i, 3)) for i in range(3)] == [None] * 3
    assert asked[1:] == [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10]]  # whole batches
    assert same(in_shares(embed, 11, 2, tmp_path / "e.npz", "k"), one)
    assert len(asked) == 4  # joining embeds nothing
    assert list(tmp_path.iterdir()) == []


def test_what_no_share_did_is_done_while_joining_and_what_one_did_is_not_done_twice(embed, asked, tmp_path):
    in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (1, 3))
    in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (1, 3))
    in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (1, 2))  # shares of another number overlap
    whole = in_shares(embed, 11, 2, tmp_path / "e.npz", "k")
    assert asked == [[2, 3, 8, 9], [6, 7, 10], [0, 1, 4, 5]]
    assert np.array_equal(whole["emb"][:, 0], np.arange(11))


def test_a_share_beyond_the_batches_is_empty_and_shares_of_other_weights_are_left_alone(embed, asked, tmp_path):
    assert in_shares(embed, 3, 2, tmp_path / "e.npz", "k", (4, 5)) is None
    in_shares(embed, 3, 2, tmp_path / "e.npz", "k", (0, 2))
    in_shares(embed, 3, 2, tmp_path / "e.npz", "other")
    assert asked == [[0, 1], [0, 1, 2]]


def test_the_key_follows_weights_and_settings():
    net = torch.nn.Linear(2, 2)
    before = key_of(net, "landmarks", 64)
    assert key_of(net, "landmarks", 64) == before != key_of(net, "none", 64)
    torch.nn.init.zeros_(net.weight)
    assert key_of(net, "landmarks", 64) != before
