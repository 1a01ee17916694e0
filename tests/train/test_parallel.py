"""One process here; two are in test_processes.py."""

import copy

import pytest
import torch
import torch.distributed as dist
from torch import nn

from twinlib.errors import InputError
from twinlib.train.parallel import (
    GatheredBatchNorm,
    from_main,
    gather,
    gathered_batch_norm,
    leave_to_main,
    local_partner,
)


@pytest.fixture
def group(tmp_path):
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/rendezvous", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.parametrize("shape", [(9, 4), (3, 4, 5, 6)])
def test_alone_it_is_torchs_batch_norm(group, shape):
    plain = (nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d)(4)
    nn.init.uniform_(plain.weight)
    ours = gathered_batch_norm(nn.Sequential(copy.deepcopy(plain)))[0]
    assert isinstance(ours, GatheredBatchNorm)
    x = (3 * torch.randn(shape) + 5).requires_grad_()
    results = []
    for norm in (plain, ours):
        y = norm(x)
        (grad,) = torch.autograd.grad(y.pow(3).sum(), x)
        results.append((y, grad, norm.running_mean, norm.running_var, norm.eval()(x)))
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    assert plain.state_dict().keys() == ours.state_dict().keys()
    assert ours.num_batches_tracked == 1


def test_another_kind_of_batch_norm_is_refused():
    with pytest.raises(InputError, match="statistics of a BatchNorm3d"):
        gathered_batch_norm(nn.BatchNorm3d(2))


def test_partners_count_from_our_first_row():
    partner = torch.tensor([1, 0, 3, 2, 7, 6, 5, 0])
    assert local_partner(partner, slice(0, 4)).tolist() == [1, 0, 3, 2]
    assert local_partner(partner, slice(4, 8)).tolist() == [3, 2, 1, 0]  # the last was on another process
    assert local_partner(None, slice(0, 4)) is None
    allowed = torch.arange(16).reshape(4, 4) % 3 == 0
    assert torch.equal(local_partner(allowed, slice(2, 4)), allowed[2:, 2:])


def test_one_process_is_left_alone():
    x = torch.randn(3, 2, requires_grad=True)
    assert gather(x, [3], 0) is x
    assert from_main(0.3, torch.device("cpu")) == 0.3
    leave_to_main()


def test_statistics_of_one_value_stay_finite(monkeypatch):
    monkeypatch.setattr(dist, "all_reduce", lambda x: None)
    net = gathered_batch_norm(torch.nn.Sequential(torch.nn.BatchNorm1d(2)))
    assert net(torch.ones(1, 2)).isfinite().all()
    assert all(buffer.isfinite().all() for buffer in net.buffers())
