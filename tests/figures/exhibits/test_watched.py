import torch

from tests.train_fixtures import colours, tiny
from twinlib.figures.exhibits.watched import watched
from twinlib.train.loop import train


def test_the_network_is_seen_before_between_and_after_and_learns_what_train_learns(tmp_path):
    """96 passes in batches of 8: twelve steps, seen every five."""
    experiment, data = tiny(), colours()
    first = []

    def look(net):
        assert not net.training
        first.append({name: value.clone() for name, value in net.state_dict().items()})
        return [{"of": "a"}, {"of": "b"}]

    net, table = watched(experiment, data, look, 5)
    assert table["step"].tolist() == [0, 0, 5, 5, 10, 10, 12, 12]
    assert table["passes"].tolist() == [8 * step for step in table["step"]]
    assert table["of"].tolist() == ["a", "b"] * 4
    alone = train(experiment, data, "alone", tmp_path, "cpu").model
    assert all(torch.equal(value, net.state_dict()[name]) for name, value in alone.state_dict().items())


def test_what_is_seen_first_is_what_training_starts_from():
    """With a rate of 0 nothing moves."""
    seen = []
    watched(tiny("vit", "train.lr=1e-30"), colours(), lambda net: seen.append(net.embed.weight.clone()) or [], 12)
    assert torch.allclose(seen[0], seen[-1], atol=1e-6)
