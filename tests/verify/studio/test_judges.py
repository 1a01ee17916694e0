import numpy as np
import pytest

from twinlib.records.runs import Run
from twinlib.verify.recognise.pair import ShippedPair
from twinlib.verify.studio import judges as module
from twinlib.verify.studio.judges import Judge, embedded, embeddings, judges, looked, verifier
from twinlib.verify.studio.turned import START, pictures


@pytest.fixture(scope="module")
def faces():
    return pictures("medium", START)


@pytest.fixture(scope="module")
def shipped():
    return Judge("SFace", "photographs", ShippedPair(), 0.5)


def test_a_score_is_that_of_verify(faces, shipped):
    e = embeddings([shipped], faces)[0]
    answer = verifier(shipped).verify(*faces, threshold=0.4)
    assert float(e[0] @ e[1]) == pytest.approx(answer["score"], abs=1e-3)


def test_where_no_face_is_found_there_is_no_number(faces, shipped):
    grey = np.full((160, 160, 3), 120, np.uint8)
    assert looked(shipped.recogniser, grey) is None
    e = embedded(shipped.recogniser, [None, looked(shipped.recogniser, faces[0])])
    assert np.isnan(e[0]).all()
    assert np.linalg.norm(e[1]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("align", ["landmarks", "none"])
def test_without_a_record_sface_judges_alone(smoke_set, align):
    (found,) = judges("smoke", align)
    assert found.words == "SFace"
    assert -1 < found.threshold < 1


def test_records_with_weights_join(tmp_path, monkeypatch):
    record = {"seed": 0, "config": {"model": {"image_size": module.SIZE}}}
    rows = {name: [Run(tmp_path, record)] for name in module.TRAINED}
    monkeypatch.setattr(module, "every_row", lambda profile: rows)
    monkeypatch.setattr(module, "trained_model", lambda run: object())
    assert set(module.kept("smoke")) == set(module.TRAINED)
    monkeypatch.setattr(module, "trained_model", lambda run: None)
    assert module.kept("smoke") == {}
    assert set(module.kept("smoke", weights=False)) == set(module.TRAINED)
    monkeypatch.setitem(record["config"]["model"], "image_size", 2 * module.SIZE)
    assert module.kept("smoke", weights=False) == {}
