from functools import partial

import pytest
import torch
import torch.distributed as dist
from torch.nn.functional import cross_entropy

from twinlib.config import LOSSES
from twinlib.errors import InputError
from twinlib.losses import Sharded, sharded
from twinlib.losses.arcface import arcface_logits
from twinlib.losses.cosface import cosface_logits
from twinlib.losses.head import cosines
from twinlib.losses.sharded import ShardedHead, shard
from twinlib.train.parallel import gather

BATCH, CLASSES, INPUTS, WIDTH = 12, 11, 7, 6
SIZES = [5, 7]  # images of the two processes; those of the first belong to the second one's shard
LABEL = torch.tensor([8, 9, 10, 8, 5, 0, 1, 2, 2, 4, 3, 0])
CASES = {  # name → margin, share of the centres in a step
    "arcface": (partial(arcface_logits, s=16.0, m=0.5), 1.0),
    "insight": (partial(arcface_logits, s=64.0, m=0.5, past_pi="insight"), 1.0),
    "clip": (partial(arcface_logits, s=16.0, m=0.5, past_pi="clip"), 1.0),
    "cosface": (partial(cosface_logits, s=64.0, m=0.4), 1.0),
    "sampled": (partial(arcface_logits, s=16.0, m=0.5), 0.5),
}


def given(dtype=torch.float64):
    """Images, a layer, centres."""
    rng = torch.Generator().manual_seed(0)
    shapes = ((BATCH, INPUTS), (INPUTS, WIDTH), (CLASSES, WIDTH))
    return [torch.randn(shape, generator=rng, dtype=dtype) for shape in shapes]


def one_of_two(rank, folder):
    """What a process does: its images through its copy of the layer, the embeddings gathered, its shard of the head."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    torch.manual_seed(0)
    found = {"start": ShardedHead(CASES["arcface"][0], WIDTH, 10).weight.detach()}
    for name, (logits, share) in CASES.items():
        images, layer, centres = given()
        layer.requires_grad_()
        head = ShardedHead(logits, WIDTH, CLASSES, share).double()
        head.weight.data.copy_(centres[head.own.start : head.own.stop])
        embedding = gather(images.split(SIZES)[rank] @ layer, SIZES, rank)
        embedding.retain_grad()
        torch.manual_seed(rank)
        drawn = head.draw(LABEL) + head.own.start if share < 1 else torch.tensor(head.own)
        torch.manual_seed(rank)
        loss = head(embedding, LABEL)
        loss.backward()
        dist.all_reduce(layer.grad)  # averaged, as DistributedDataParallel does
        weight = head.weight.grad.to_dense()
        found[name] = loss.detach(), embedding.grad, layer.grad / 2, weight, drawn
    torch.save(found, folder / f"{rank}.pt")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("processes")
    torch.multiprocessing.start_processes(one_of_two, (folder,), nprocs=2, start_method="fork")
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


def dense(logits, chosen):
    """One process with every image and the chosen centres."""
    images, layer, centres = (x.requires_grad_() for x in given())
    embedding = images @ layer
    embedding.retain_grad()
    cos, label = cosines(embedding, centres)[:, chosen], torch.searchsorted(chosen, LABEL)
    loss = cross_entropy(logits(cos, label), label)
    loss.backward()
    return loss.detach(), embedding.grad, layer.grad, centres.grad


@pytest.mark.parametrize("name", CASES)
def test_two_processes_have_the_loss_and_the_gradients_of_one(both, name):
    first, second = (found[name] for found in both)
    loss, embedding, layer, centres = dense(CASES[name][0], torch.cat([first[4], second[4]]))
    for process in (first, second):
        for got, wanted in zip(process[:3], (loss, embedding, layer), strict=True):
            torch.testing.assert_close(got, wanted, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(torch.cat([first[3], second[3]]), centres, rtol=1e-12, atol=1e-12)


def test_shards_of_one_seed_start_apart(both):
    first, second = (found["start"] for found in both)
    assert first.shape == second.shape
    assert not torch.isclose(first, second).any()


def test_a_sample_holds_the_identities_of_the_batch_and_is_as_large_as_asked_for(both):
    drawn = [found["sampled"][4] for found in both]
    assert set(LABEL.tolist()) <= set(torch.cat(drawn).tolist())
    torch.manual_seed(0)
    head = ShardedHead(CASES["arcface"][0], 4, 1000, 0.1)
    picks = [head.draw(torch.tensor([3, 7, 7])) for _ in range(2)]
    assert all(len(pick) == 100 and {3, 7} <= set(pick.tolist()) for pick in picks)
    assert not torch.equal(*picks)


def test_alone_inside_autocast_the_float32_loss_of_the_dense_head():
    images, layer, centres = given(torch.float32)
    head = ShardedHead(CASES["arcface"][0], WIDTH, CLASSES)
    head.weight.data.copy_(centres)
    e = images @ layer
    with torch.autocast("cpu", torch.bfloat16):
        loss = head(e, LABEL)
    wanted = cross_entropy(arcface_logits(cosines(e, centres), LABEL, 16.0, 0.5), LABEL)
    torch.testing.assert_close(loss, wanted)


def test_shards_are_even_in_order_and_complete():
    shards = [shard(10, rank, 4) for rank in range(4)]
    assert [i for own in shards for i in own] == list(range(10))
    assert {len(own) for own in shards} == {2, 3}


def test_refusals():
    with pytest.raises(InputError, match="4 processes cannot share 3 identities"):
        shard(3, 0, 4)
    with pytest.raises(InputError, match=r"in \(0, 1\]; got 0"):
        ShardedHead(CASES["arcface"][0], 4, 9, 0.0)


def test_the_first_centres_do_not_depend_on_how_they_are_cut(monkeypatch):
    monkeypatch.setattr(sharded, "BLOCK", 4)
    whole = sharded.drawn_rows(range(11), 3, 5)
    cuts = [sharded.drawn_rows(shard(11, rank, 3), 3, 5) for rank in range(3)]
    assert torch.equal(torch.cat(cuts), whole)
    assert len(whole.unique()) == whole.numel()


def test_right_is_the_nearest_centre_and_blocks_of_centres_do_not_matter(monkeypatch):
    torch.manual_seed(0)
    head, label = ShardedHead(CASES["arcface"][0], 4, 50), torch.arange(50)
    e = head.weight.detach() + 0.02 * torch.randn(50, 4)
    nearest = cosines(e, head.weight).argmax(1)
    assert torch.equal(head.right(e, label), nearest == label)
    assert 0 < (nearest == label).sum() < 50
    assert torch.equal(sharded.Centres(head.weight.detach()).nearest(e), nearest)
    many = torch.randn(200, 4)
    monkeypatch.setattr(sharded, "BLOCK", 1)  # 64 centres at a time
    assert torch.equal(sharded.Centres(many).nearest(e), cosines(e, many).argmax(1))


def test_settings_choose_the_margin_and_refuse_an_impossible_one():
    torch.manual_seed(0)
    cos = LOSSES.build(Sharded(s=16.0, m=0.4, margin="cosface", ramp=0.5), WIDTH, CLASSES).double()
    images, layer, _ = given()
    wanted = cross_entropy(cosface_logits(cosines(images @ layer, cos.weight), LABEL, 16.0, 0.2), LABEL)
    torch.testing.assert_close(cos(images @ layer, LABEL, done=0.25), wanted)
    with pytest.raises(InputError, match="at most 1"):
        Sharded(margin="cosface", m=1.2)
