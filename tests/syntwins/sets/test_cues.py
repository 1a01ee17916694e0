from dataclasses import replace

import numpy as np
import pytest

from syntwins import SETS, Families, prepare, render_image
from syntwins.mesh.head import head
from syntwins.nuisance import Nuisance
from syntwins.sets.cues import cue_sizes, px_per_cm
from syntwins.sets.plan import plan_families, subject_of
from twinlib.errors import InputError
from twinlib.faces import align

STUDY = SETS["study"]


def rms(config, cue):
    table = cue_sizes(config, (112,), families=40)
    return table.loc[table.cue == cue, "112 px"].item()


def test_a_centimetre_in_the_crop_is_what_the_camera_shows():
    """Independent way: photograph the mean face from afar, align it by its true points, measure between the eyes."""
    subject = subject_of(STUDY, plan_families(STUDY)[0], 0)
    palette = replace(subject.palette, years=20.0)
    mean = replace(subject, displacement=np.zeros_like(subject.displacement), palette=palette)
    image = render_image(prepare(mean, 160), Nuisance(distance=3000.0), 160)
    seen = align.transform(image.landmarks, align.similarity(align.five_points(image.landmarks), align.template(112)))
    cm = np.linalg.norm(head().mean[33, :2] - head().mean[263, :2])
    assert np.linalg.norm(seen[33] - seen[263]) / cm == pytest.approx(px_per_cm(112), rel=0.01)


def test_sizes_scale_with_the_crop_and_with_the_knob():
    table = cue_sizes(STUDY, (64, 128), families=10)
    np.testing.assert_allclose(2 * table["64 px"], table["128 px"])
    weak = replace(STUDY, knobs=replace(STUDY.knobs, asymmetry_cm=STUDY.knobs.asymmetry_cm / 2))
    assert rms(weak, "asymmetry between twins") == pytest.approx(rms(STUDY, "asymmetry between twins") / 2, rel=0.02)
    large = replace(STUDY, knobs=replace(STUDY.knobs, mark_size=2 * STUDY.knobs.mark_size))
    mole = lambda config: cue_sizes(config, (112,), 10).query("cue == 'mole, sigma'")["112 px"].to_numpy()  # noqa: E731
    np.testing.assert_allclose(mole(large), 2 * mole(STUDY))


def test_what_is_switched_off_has_no_size():
    table = cue_sizes(SETS["study-nothing"], (112,), families=10)
    assert table.cue.tolist() == ["asymmetry between twins", "shape between twins"]  # no mark is there to measure
    assert table["112 px"].tolist() == [0, 0]
    alone = SETS["study-asymmetry"]
    assert rms(alone, "shape between twins") < 1e-12
    assert rms(alone, "asymmetry between twins") > 0.1


def test_a_set_without_twins_is_refused():
    alone = replace(STUDY, train=Families(mz=0, dz=1, sibling=1, images=1), validation=Families(0, 0, 0, 1),
                    test=Families(0, 0, 0, 1))  # fmt: skip
    with pytest.raises(InputError, match="no identical twins"):
        cue_sizes(alone)
