import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from twinlib import config
from twinlib.config import MODELS
from twinlib.errors import InputError
from twinlib.train.stored.pretrained import load, read_settings, save

SMALL = config.AHAN(image_size=32, patch=8, width=24, depth=2, heads=2, embedding=16, pair=None)


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    save(MODELS.build(SMALL), "ahan", SMALL, tmp_path)
    return tmp_path


def test_what_is_saved_gives_the_same_embeddings(folder):
    torch.manual_seed(0)
    net = MODELS.build(SMALL).eval()
    images = torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        for place in (folder, folder / "model.safetensors"):
            torch.testing.assert_close(load(place)(images), net(images))
    assert read_settings(folder / "config.json") == ("ahan", SMALL)
    assert not load(folder).training


def test_the_record_of_a_run_describes_its_network(folder):
    own = json.loads((folder / "config.json").read_text())
    (folder / "run.json").write_text(json.dumps({"config": own | {"train": {"lr": 1}}}))
    (folder / "config.json").unlink()
    assert load(folder, settings=folder / "run.json").preprocess.size == 32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_name": "resnext"}, "wanted model_name, one of vit, ahan"),
        ({"model_name": "vit"}, "model.*unknown"),
        ({"model": {"width": "wide"}}, "model"),
        ({"model": {"image_size": 32, "patch": 8, "width": 48, "depth": 2, "heads": 2}}, "does not fit ahan"),
    ],
)
def test_settings_that_do_not_fit_are_refused(folder, change, message):
    own = json.loads((folder / "config.json").read_text()) | change
    (folder / "config.json").write_text(json.dumps(own))
    with pytest.raises(InputError, match=message):
        load(folder)


def test_missing_damaged_and_unknown_files_are_refused(folder, tmp_path):
    with pytest.raises(InputError, match="describes 'ahan', not 'vit'"):
        load(folder, "vit")
    weights = folder / "model.safetensors"
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match=r"no published network .* no config.json lies beside it.*copy the run.json"):
        load(weights)
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(InputError, match="no readable safetensors file"):
        load(weights)
    with pytest.raises(InputError, match="does not exist"):
        load(tmp_path / "none.safetensors")


@pytest.mark.data
def test_published_weights_are_recognised(shared_data, tmp_path):
    file = shared_data / "weights/mobilefacenet_foamliu_112x112.safetensors"
    assert load(file, "mobilefacenet").preprocess.size == 112
    with pytest.raises(InputError, match="holds a mobilefacenet, not 'vit'"):
        load(file, "vit")
    part = load_file(file)
    part.pop("bn.weight")
    save_file(part, tmp_path / "part.safetensors")
    with pytest.raises(InputError, match="does not fit MobileFaceNet"):
        load(tmp_path / "part.safetensors")
