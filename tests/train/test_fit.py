import numpy as np
import pandas as pd
import pytest
import torch
from train_fixtures import colours, tiny

from twinlib.data.feed.augment import normalise
from twinlib.losses.head import NoHead
from twinlib.train.loop import finished, train, training_accuracy


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tiny("vit", "train.passes=160"), colours(), "r", tmp_path_factory.mktemp("run"), "cpu")


def test_accuracy_is_that_of_a_loop_over_images(trained):
    data, head, right = colours(), trained.objective.head, 0
    with torch.no_grad():
        for row, subject in zip(data.rows, data.subject, strict=True):
            e = trained.model.eval()(normalise(torch.from_numpy(data.crops[row : row + 1])))[0]
            cosines = [float(e @ centre / e.norm() / centre.norm()) for centre in head.weight]
            right += int(np.argmax(cosines)) == subject
    assert 0 < right
    assert training_accuracy(trained.model, head, data, "cpu", batch=7) == pytest.approx(right / len(data.rows))


def test_each_training_image_is_embedded_once(trained, monkeypatch):
    data, seen = colours(), []
    monkeypatch.setattr("twinlib.models.features.normalise", lambda x: seen.append(len(x)) or normalise(x))
    training_accuracy(trained.model, trained.objective.head, data, "cpu")
    assert sum(seen) == len(data.rows)


def test_a_loss_without_class_centres_has_no_accuracy(trained):
    assert training_accuracy(trained.model, NoHead(), colours(), "cpu") is None


def test_the_lines_of_a_finished_row(trained):
    table = pd.DataFrame(
        {"protocol": ["twin", "twin@study2-nothing"], "metric": "auc", "value": [0.8, 0.51], "low": 0.4, "high": 0.9}
    )
    said = finished(trained, 0.91, [table])
    assert said["control"] == {"twin@study2-nothing": [0.51, 0.4, 0.9]}
    assert (said["ended"], said["passes"], said["train_accuracy"]) == (True, 160, 0.91)
    assert said["images_s"] == pytest.approx(160 / trained.seconds, rel=0.01)


def test_a_resumed_run_counts_what_all_its_parts_cost(tmp_path):
    first = train(tiny("vit", "train.passes=160"), colours(), "r", tmp_path, "cpu")
    again = train(tiny("vit", "train.passes=160"), colours(), "r", tmp_path, "cpu")  # from the last checkpoint
    assert again.seconds > 0.5 * first.seconds > 0  # the second part itself had nothing left to do
    assert again.core_seconds > 0
    assert again.passes == first.passes == 160
