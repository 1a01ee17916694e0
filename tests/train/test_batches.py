import io
from dataclasses import replace

import torch
from PIL import Image
from record_files import write_training_set
from train_fixtures import colours, tiny

from twinlib.data.packed.recordset import record_set
from twinlib.train.batches import Batches

CPU = torch.device("cpu")


def test_a_mirrored_family_is_a_new_family():
    data = colours()
    batches = Batches(tiny("vit", "data.flip=identity"), data, CPU)
    assert batches.classes == 2 * data.subjects
    batch = batches(0)
    mirrored = batch.subject >= data.subjects
    assert torch.equal(mirrored, batch.family >= 3)
    assert all(len(set(group.tolist())) == 1 for group in mirrored.reshape(2, 4))
    centre = batch.boxes[:, 0, [0, 2]].mean(1)
    assert torch.equal(centre > 0.5, mirrored)


def test_processes_see_the_parts_of_what_one_would_see():
    data, experiment = colours(families=6, singles=4), tiny("vit", "train.groups=4", "sampler=twins_and_singles")
    whole = Batches(experiment, data, CPU)(5)
    parts = [Batches(experiment, data, CPU, rank, 3)(5) for rank in range(3)]
    for name in ("images", "boxes"):
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(whole, name))
    for part in parts:
        assert torch.equal(part.subject, whole.subject)
        assert part.sizes == [len(p.images) for p in parts]
        own, rest = (
            whole.family[part.here],
            torch.cat([whole.family[: part.here.start], whole.family[part.here.stop :]]),
        )
        assert not set(own.tolist()) & set(rest.tolist())  # no twin pair straddles processes


def test_halves_are_cut_at_the_nose_and_flipped_together():
    data = colours()
    data.columns[:, 2] = 5.0
    experiment = tiny("vit", "sampler={name: halves, p: 1.0, tau: 0.001}", "data.rotation=0", "data.jitter=0")
    batch = Batches(experiment, data, CPU)(0)
    assert batch.part.tolist() == [1, 2] * 4
    columns = [image.min(1).values.min(0).values > -0.99 for image in batch.images]  # columns that are not black
    kept = [int(c.sum()) for c in columns]
    assert all(sorted(kept[i : i + 2]) == [5, 11] for i in range(0, 8, 2))
    assert {kept[i] for i in range(0, 8, 2)} == {5, 11}  # some faces are mirrored


def test_a_perturbed_batch_keeps_its_clean_images():
    data, experiment = colours(), tiny("vit", "perturb={p: 1.0}")
    batches = Batches(experiment, data, CPU)
    batch = batches(0)
    assert torch.equal(batch.images, batch.clean)
    one, again = (batches.perturbed(batch, 3, torch.nn.Identity()) for _ in range(2))
    assert torch.equal(one.images, again.images)
    assert not torch.equal(one.images, one.clean)
    assert torch.equal(one.clean, batch.clean)
    assert not torch.equal(one.images, batches.perturbed(batch, 4, torch.nn.Identity()).images)
    assert Batches(tiny(), data, CPU).perturbed(batch, 0, torch.nn.Identity()) is batch


def test_batches_of_a_rec_are_those_of_its_decoded_images(tmp_path):
    data = colours(families=3, singles=2)
    images = []
    for crop in data.crops:
        images.append(io.BytesIO())
        Image.fromarray(crop).save(images[-1], "PNG")
    write_training_set(tmp_path / "t.rec", [image.getvalue() for image in images], data.subject.tolist())
    stored = record_set(tmp_path / "t.rec", 16)
    plain = replace(stored, crops=data.crops)
    for sampler in ("identities", "shuffled"):
        experiment = tiny("vit", f"sampler={sampler}")
        one, other = (Batches(experiment, source, CPU)(3) for source in (stored, plain))
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.subject, other.subject)
