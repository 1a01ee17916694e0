import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.verify import calibrated


@pytest.fixture
def scored():
    """1,000 genuine, 1,000 strangers from 0 to 0.5, 1,000 twins from 0.4 to 0.9."""
    kinds = np.repeat(["genuine", "stranger", "twin"], 1000)
    scores = np.concatenate([np.linspace(0.6, 1, 1000), np.linspace(0, 0.5, 1000), np.linspace(0.4, 0.9, 1000)])
    return scores, pd.DataFrame({"same": (kinds == "genuine").astype(int), "kind": kinds})


def test_the_rate_holds_on_the_kind_it_is_asked_for(scored):
    scores, pairs = scored
    for kind, pool in (("stranger", ["stranger"]), ("twin", ["twin"]), ("all", ["stranger", "twin"])):
        found = calibrated.choose(scores, pairs, 0.05, kind, "w", "none")
        accepted = (scores[np.isin(pairs["kind"], pool)] >= found.threshold).mean()
        assert accepted == pytest.approx(0.05, abs=1e-9)
        assert found.fmr_interval[0] < 0.05 < found.fmr_interval[1]
        assert (found.kind, found.impostors) == (kind, 1000 * len(pool))
    strangers = calibrated.choose(scores, pairs, 0.05, "stranger", "w", "none")
    assert strangers.fmr_by_kind == {"stranger": 0.05, "twin": (scores[2000:] >= strangers.threshold).mean()}


def test_too_few_or_no_impostors_are_refused(scored):
    with pytest.raises(InputError, match="there is no sibling pair among the 3000"):
        calibrated.choose(*scored, 0.05, "sibling", "w", "none")
    with pytest.raises(InputError, match="100000 impostor pairs"):
        calibrated.choose(*scored, 1e-4, "twin", "w", "none")


def test_what_is_written_is_read_and_bound_to_the_weights(scored, tmp_path):
    assert calibrated.read(tmp_path, "w") is None
    found = calibrated.choose(*scored, 0.05, "all", "w", "none")
    calibrated.write(tmp_path, found)
    again = calibrated.read(tmp_path, "w")
    assert again == found
    assert again.distance == 1 - again.threshold
    with pytest.raises(InputError, match="chosen for other weights"):
        calibrated.read(tmp_path, "x")
    (tmp_path / calibrated.FILE).write_text(json.dumps({"threshold": 0.5}))
    with pytest.raises(InputError, match="is no calibration"):
        calibrated.read(tmp_path, "w")


def test_the_impostor_that_may_not_pass_does_not_reach_the_threshold(scored):
    scores, pairs = scored
    found = calibrated.choose(scores, pairs, 0.05, "stranger", "w", "none")
    strangers = np.sort(scores[1000:2000])[::-1]
    assert strangers[50] < found.threshold < strangers[49]
    assert found.threshold == np.nextafter(strangers[50], 1)


def test_a_threshold_of_other_crops_is_refused(scored):
    found = calibrated.choose(*scored, 0.05, "all", "w", "landmarks")
    calibrated.refuse_other_crops(found, "landmarks")
    with pytest.raises(InputError, match=r"with --align landmarks, not none\. .* twinlib calibrate --align none"):
        calibrated.refuse_other_crops(found, "none")


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), -1.01, 1.5])
def test_a_threshold_that_no_cosine_has_is_no_calibration(scored, tmp_path, threshold):
    good = calibrated.choose(*scored, 0.05, "all", "w", "none")
    with pytest.raises(InputError, match=r"threshold of calibration.json must be a score \(cosine\) from -1 to 1"):
        replace(good, threshold=threshold)
    calibrated.write(tmp_path, good)
    file = tmp_path / calibrated.FILE
    file.write_text(json.dumps(json.loads(file.read_text()) | {"threshold": threshold}))
    with pytest.raises(InputError, match="from -1 to 1"):
        calibrated.read(tmp_path, "w")


def test_impostors_that_are_one_image_leave_no_threshold():
    same = np.repeat([1, 0], 1000)
    scores = np.where(np.arange(2000) % 1000 < 100, 1.0, 0.3)
    pairs = pd.DataFrame({"same": same, "kind": np.where(same == 1, "genuine", "stranger")})
    with pytest.raises(InputError, match="more than 50 impostor pairs have a score of 1"):
        calibrated.choose(scores, pairs, 0.05, "all", "w", "none")


def test_both_rates_are_kept_along_the_scores(scored):
    scores, pairs = scored
    scale = calibrated.choose(scores, pairs, 0.05, "stranger", "w", "none", "these").scale
    assert scale["score"] == calibrated.GRID.tolist()
    at = scale["score"].index(0.4)
    assert scale["fmr"][at] == pytest.approx((scores[1000:2000] >= 0.4).mean(), rel=1e-3)
    assert scale["fnmr"][scale["score"].index(0.8)] == pytest.approx((scores[:1000] < 0.8).mean(), rel=1e-3)
    assert scale["fmr"] == sorted(scale["fmr"], reverse=True)
    assert scale["fnmr"] == sorted(scale["fnmr"])


def test_the_threshold_that_ships_is_that_of_the_network_that_ships(tmp_path, monkeypatch):
    found = calibrated.shipped()
    assert (found.target_fmr, found.kind, found.align) == (1e-3, "stranger", "landmarks")
    assert found.fmr_interval[0] < found.fmr < found.fmr_interval[1] < 2e-3
    assert found.impostors > 1e7
    assert "LFW folds 1 to 7" in found.source
    beside = np.interp(found.threshold, found.scale["score"], found.scale["fmr"])
    assert beside == pytest.approx(found.fmr, rel=0.2)
    monkeypatch.setattr(calibrated, "SFACE", calibrated.SFACE._replace(sha256="0" * 64))
    with pytest.raises(InputError, match=r"chosen for other weights. Install twinlib again"):
        calibrated.shipped()
