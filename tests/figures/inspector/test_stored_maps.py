import numpy as np
import pytest
from inspector_factory import network

from twinlib.errors import InputError
from twinlib.figures.inspector import stored_maps


def _layers(n=3):
    rng = np.random.default_rng(2)
    return {"eyes@1": rng.random((n, 4, 4)), "eyes@2": rng.random((n, 4, 4)), "asymmetry@0": rng.random((n, 4, 4))}


def test_attention_is_scaled_image_by_image_and_asymmetry_over_all():
    layers = _layers()
    found = stored_maps.quantised("abc", layers)
    assert (found.layers["eyes@1"].max(axis=(1, 2)) == 255).all()
    wanted = layers["asymmetry@0"] / layers["asymmetry@0"].max() * 255
    np.testing.assert_allclose(found.layers["asymmetry@0"], wanted, atol=0.5)
    assert found.regions() == ["eyes", "asymmetry"]
    assert found.scales() == ["1", "2"]


def test_maps_survive_the_disk(tmp_path):
    found = stored_maps.quantised("abc", _layers())
    stored_maps.write_maps(tmp_path / "x.npz", found)
    again = stored_maps.read_maps(tmp_path / "x.npz")
    assert again.images == ("a", "b", "c")
    assert {name: values.tolist() for name, values in again.layers.items()} == {
        name: values.tolist() for name, values in found.layers.items()
    }
    with pytest.raises(InputError, match="holds no maps"):
        stored_maps.read_maps(tmp_path / "missing.npz")


def test_layer_without_a_scale_answers_for_every_scale():
    one = stored_maps.quantised("abc", _layers()).of("b")
    assert stored_maps.layer(one, "asymmetry", "4") is one["asymmetry@0"]
    assert stored_maps.layer(one, "eyes", "2") is one["eyes@2"]
    assert stored_maps.layer(one, "chin", "2") is None


def test_unusable_values_are_refused():
    with pytest.raises(InputError, match="NaN or negative"):
        stored_maps.quantised("a", {"eyes@1": np.full((1, 2, 2), np.nan)})


def test_a_network_gives_every_region_at_every_scale_whatever_the_batch(monkeypatch):
    rng, model = np.random.default_rng(0), network()
    crops, boxes = rng.integers(0, 255, (3, 112, 112, 3), np.uint8), np.tile([0.1, 0.2, 0.6, 0.7], (3, 4, 1))
    found = stored_maps.maps_of(model, "abc", crops, boxes)
    assert found.regions() == ["class token", "eyes", "nose", "mouth", "jaw", "asymmetry"]
    assert found.scales() == ["1", "2", "4"]
    monkeypatch.setattr(stored_maps, "BATCH", 2)
    parts = stored_maps.maps_of(model, "abc", crops, boxes)
    assert all((abs(parts.layers[name].astype(int) - values) <= 1).all() for name, values in found.layers.items())
    assert stored_maps.maps_of(object(), "abc", crops, boxes) is None
