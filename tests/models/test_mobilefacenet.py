import json
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.mobilefacenet import MobileFaceNet, published

FILES = {
    "xiaoccer": ("mobilefacenet_xiaoccer_112x96.safetensors", 999_552, (112, 96)),
    "foam": ("mobilefacenet_foamliu_112x112.safetensors", 999_936, (112, 112)),
}


@pytest.mark.data
@pytest.mark.parametrize("origin", FILES)
def test_published_weights_give_the_stored_embeddings(origin, shared_data):
    file, parameters, size = FILES[origin]
    net = published(shared_data / "weights" / file)
    assert sum(p.numel() for p in net.parameters()) == parameters
    stored = np.load(shared_data / f"embeddings/mobilefacenet_{origin}_folds01-07.npz", allow_pickle=False)
    rows = np.arange(0, len(stored["names"]), len(stored["names"]) // 12)[:12]
    with zipfile.ZipFile(shared_data / "lfw/lfw112_folds01-07.zip") as archive:
        crops = np.stack([np.asarray(Image.open(archive.open(str(stored["names"][row])))) for row in rows])
    with torch.no_grad():
        for flipped, key in ((crops, "emb"), (crops[:, :, ::-1], "emb_flip")):
            x = torch.from_numpy(net.preprocess(flipped))
            assert x.shape[2:] == size
            e = net(x).numpy()
            assert np.abs(e - stored[key][rows]).max() < 1e-4 * np.abs(stored[key]).max()


def test_the_whole_network_has_the_published_number_of_parameters():
    count = {}
    with torch.device("meta"):
        for form in ("prelu", "relu6"):
            net = MobileFaceNet(config.MobileFaceNet(form=form, narrow=form == "prelu"))
            count[form] = sum(p.numel() for p in net.parameters())
    assert count == {"prelu": 999_552, "relu6": 999_936}


def test_a_narrow_network_reads_the_middle_columns():
    net = MobileFaceNet(config.MobileFaceNet(width=8, blocks=(1, 1, 1), narrow=True)).eval()
    crops = np.random.default_rng(0).integers(0, 256, (1, 112, 112, 3), dtype=np.uint8)
    e = net(torch.from_numpy(net.preprocess(crops)))
    crops[:, :, :8], crops[:, :, 104:] = 0, 0
    assert torch.equal(e, net(torch.from_numpy(net.preprocess(crops))))


def test_what_is_no_published_file_is_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"other": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="holds no MobileFaceNet that is known here"):
        published(tmp_path / "other.safetensors")
    save_file({"linear7.conv.weight": torch.zeros(1)}, tmp_path / "part.safetensors")
    with pytest.raises(InputError, match="does not fit MobileFaceNet"):
        published(tmp_path / "part.safetensors")
    (tmp_path / "text.safetensors").write_text(json.dumps({}))
    with pytest.raises(InputError, match="no readable safetensors file"):
        published(tmp_path / "text.safetensors")
    with pytest.raises(InputError, match=r"model\.image_size 100 must be a multiple of 16"):
        MobileFaceNet(config.MobileFaceNet(image_size=100))
