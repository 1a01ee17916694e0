import json

import numpy as np
import pytest
from audit_cases import asked, oracle, random_embeddings

from twinlib.audit import audited as audit
from twinlib.audit.given.presets import PRESETS


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("sets"), 12_000, 500)


def test_a_random_embedding_takes_everybody_for_the_person_equally_often(small):
    e = random_embeddings(len(small.images))
    report = audit.audited(small, audit.cosines(small, e), e, "random", draws=40)
    assert all(0.4 < value < 0.6 for value in report["auc"].values())
    fmr = report["at_fmr"]
    for row in report["causes"]:
        assert row["twins_fmr"]["value"] == pytest.approx(fmr, abs=5 * np.sqrt(fmr / row["twins_fmr"]["pairs"]))
    assert json.loads(json.dumps(report, allow_nan=False))["kind"] == audit.KIND


def test_an_oracle_has_no_errors_at_all(small):
    e = oracle(small.images)
    report = audit.audited(small, audit.cosines(small, e), e, "oracle", draws=40)
    assert set(report["auc"].values()) == {1.0}
    values = [row[kind]["value"] for row in report["rates"] for kind in ("genuine", "twin", "sibling", "alike")]
    values += [row[name]["value"] for row in report["causes"] + report["bins"] for name in ("fnmr", "twins_fmr")]
    values += [row["rank1_twin"]["value"] for row in report["gallery"]]
    assert set(values) == {0.0}


def test_scores_alone_leave_searches_out_and_say_so(small):
    e = random_embeddings(len(small.images))
    scores, told = audit.cosines(small, e), []
    report = audit.audited(small, scores, None, "service", draws=20, tell=told.append)
    assert report["gallery"] == report["policies"]["best_of"] == audit.NO_GALLERY
    assert report["rates"] == audit.audited(small, scores, e, "service", draws=20)["rates"]
    assert len(told) == 3


def test_cosines_are_those_of_the_rows(small):
    e = random_embeddings(len(small.images))
    scores = audit.cosines(small, e)
    for i in (0, 7, len(scores) - 1):
        a, b = small.pairs.iloc[i][["a", "b"]]
        assert scores[i] == pytest.approx(float(e[a] @ e[b]), abs=1e-6)


def test_a_function_is_audited_like_a_file(small, monkeypatch):
    seen = []
    monkeypatch.setattr(audit, "rendered", lambda workers: small)
    monkeypatch.setattr(audit, "embedded", lambda images, preset, embed: seen.append(preset) or oracle(images))
    report = audit.audit_recogniser(lambda crops: crops, PRESETS["dlib"], name="mine")
    assert report["name"] == "mine"
    assert seen == [PRESETS["dlib"]]
    assert report["rates"][0]["twin"]["value"] == 0
