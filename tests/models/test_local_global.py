import pytest
import torch
from golden_files import golden, relative

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.local_global import CBAM, LocalGlobal, Transformer


def small(**changes):
    return LocalGlobal(config.LocalGlobal(image_size=64, backbone="test_resnet", dropout=0.0, embedding=8, **changes))


def test_cbam_against_the_golden_vectors():
    data = {key: torch.from_numpy(value) for key, value in golden("ndtwin").items() if key.startswith("cbam")}
    channels, hidden = data["cbam_ch2"].shape[:2]
    cbam = CBAM(channels, channels // hidden).double()
    cbam.load_state_dict(
        {"down.weight": data["cbam_ch1"], "up.weight": data["cbam_ch2"], "place.weight": data["cbam_sp"]}
    )
    out, where = cbam(data["cbam_in"])
    assert relative(out.detach(), data["cbam_out"].numpy()) < 1e-9
    assert relative(where.detach(), data["cbam_att"].numpy()) < 1e-9


@pytest.mark.parametrize("attention", ["cbam", "transformer", "spatial"])
def test_every_attention_gives_branches_and_a_map(attention):
    net = small(attention=attention)
    e, extra = net(torch.randn(4, 3, 64, 64), wanted=("whole", "local", "attention"))
    assert extra["whole"].shape == extra["local"].shape == (4, 4)
    assert extra["attention"].shape == (4, 1, 2, 2)
    assert 0 < extra["attention"].min() <= extra["attention"].max() < 1
    torch.testing.assert_close(e.norm(dim=1), torch.ones(4))


def test_transformer_attention_keeps_places_apart():
    """A map with one place changed by permutation of places is permuted, not scrambled (the public code scrambles)."""
    layer, x = Transformer(8, 2).eval(), torch.randn(1, 8, 3, 3)
    order = torch.randperm(9)
    permuted = lambda t: t.flatten(2)[:, :, order].unflatten(2, (3, 3))  # noqa: E731
    torch.testing.assert_close(layer(permuted(x))[0], permuted(layer(x)[0]))


def test_the_embedding_is_trained_by_its_own_loss():
    """The composite loss reaches fusion and embedding only with `train_embedding`; the public code leaves it out."""
    from twinlib.losses.ndtwin import Features, ndtwin_loss

    for trained in (True, False):
        net = small()
        e, extra = net(torch.randn(4, 3, 64, 64), wanted=net.outputs)
        a, b = (Features(*(x[i::2] for x in (e, *extra.values()))) for i in (0, 1))
        ndtwin_loss(a, b, torch.tensor([True, False]), config.NDTwin(train_embedding=trained)).backward()
        assert [p.grad is not None for p in net.embed.parameters()] == [trained, trained]


def test_a_backbone_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"model\.backbone 'custom_model' is no `timm` network"):
        LocalGlobal(config.LocalGlobal(backbone="custom_model"))
