import numpy as np
import torch
from torch import nn
from train_fixtures import tiny

from twinlib.data.manifest import read_manifest
from twinlib.faces.find import read_faces
from twinlib.measure.metrics import auc
from twinlib.train.scoring import pair_lists, validation


class Pixels(nn.Module):
    def forward(self, images):
        return nn.functional.avg_pool2d(images, 16).flatten(1)


def test_the_value_is_the_auc_of_the_validation_pairs_of_twins(smoke_set):
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set)
    experiment = tiny("vit", "train.validate_every=5")
    value = validation(experiment, manifest, faces, "cpu")(Pixels())
    pairs = pair_lists(manifest, experiment.evaluate.pairs)["twin"].query("split == 'validation'")
    row = {image: i for i, image in enumerate(manifest.images["image"])}
    crops = torch.from_numpy(np.array(faces.crops)).permute(0, 3, 1, 2).float().sub(127.5).div(127.5)
    e = nn.functional.normalize(Pixels()(crops)).numpy()
    scores = np.array([e[row[a]] @ e[row[b]] for a, b in zip(pairs.image_a, pairs.image_b, strict=True)])
    assert abs(value - auc(scores, pairs.same.to_numpy().astype(bool))) < 0.02  # stored scores are rounded
    assert validation(tiny(), manifest, faces, "cpu") is None
