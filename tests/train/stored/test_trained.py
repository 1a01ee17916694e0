import json

import torch
from run_factory import make_run
from safetensors.torch import save_file

from twinlib import config, files, paths
from twinlib.train.stored.trained import trained_model


def test_weights_come_back_only_if_they_are_the_records_own(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    settings = {"image_size": 112, "patch": 16, "width": 32, "depth": 2, "heads": 2, "embedding": 16, "stem": "conv"}
    model = config.MODELS.build(config.AHAN(**settings)).eval()
    given = {"model_name": "ahan", "model": {**settings, "pair": None, "hca": {"scales": [1, 2, 4]}}}
    run = make_run(config=given, extra={"weights_after": "0"})
    assert trained_model(run) is None
    file = paths.build_dir() / "checkpoints" / run.record["hashes"]["run"][:16] / "model.safetensors"
    file.parent.mkdir(parents=True)
    save_file(model.state_dict(), file)
    assert trained_model(run) is None  # another training's
    run.record["extra"]["weights_after"] = files.sha256(file)
    again = trained_model(run)
    assert json.loads((file.parent / "config.json").read_text()) == {"model_name": "ahan", "model": given["model"]}
    assert not again.training
    x = torch.rand(2, 3, 112, 112)
    torch.testing.assert_close(again(x), model(x))
