import pytest
from run_factory import make_run

from twinlib.records import claims
from twinlib.records.claims import NOT_RUN, Claim, judge
from twinlib.records.comparison import paired_difference

BETTER = Claim("main table", "a is better than b", ("a", "twin"), ("b", "twin"))


@pytest.fixture(autouse=True)
def _results(tmp_path, monkeypatch):
    from twinlib import paths

    published = paths.results_dir() / "paper_values.csv"
    (tmp_path / "results").mkdir()
    (tmp_path / "results/paper_values.csv").write_text(published.read_text())
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))


def test_a_claim_without_records_is_named_as_not_run():
    found = judge(BETTER, {})
    assert (found.verdict, found.missing, found.ours) == (NOT_RUN, ("a", "b"), None)


def test_five_seeds_decide_and_four_do_not():
    skills = {"a": 2.0, "b": 0.5}
    runs = {name: [make_run(name, seed, skill=skill) for seed in range(5)] for name, skill in skills.items()}
    found = judge(BETTER, runs, draws=100)
    assert found.verdict == "holds"
    assert found.ours == paired_difference(runs["a"], runs["b"], "twin", "auc", 100)[0]
    turned = Claim("main table", "b is better than a", BETTER.worse, BETTER.better)
    assert judge(turned, runs, draws=100).verdict == "does not hold"
    few = {name: four[:4] for name, four in runs.items()}
    assert judge(BETTER, few, draws=100).verdict == "cannot tell"


def test_a_fixed_reason_stays_what_it_is():
    fixed = {claim.text: judge(claim, {}).verdict for claim in claims.CLAIMS if claim.reason}
    assert fixed["accuracy falls when five years lie between the images"] == "cannot tell"
    assert all(each.claim.by or each.claim.reason or each.missing for each in claims.judged({}))


def test_claims_of_other_pages_are_judged_here_as_there(monkeypatch):
    said = {each.claim.text: each for each in claims.judged({})}
    assert said["AHAN has a third more parameters"].verdict == "holds"
    assert said["AHAN takes 36 % more operations"].verdict == "does not hold"
    assert said["TA-PWCA costs nothing once training is over"].verdict == "holds"
    pose = said["accuracy falls beyond head turns of 45 degrees"]
    assert (pose.verdict, pose.why) == (NOT_RUN, "ahan")
    run = make_run("ahan", 0, dataset="never-rendered", config={"evaluate": {"pairs": 12}})
    limit = next(claim for claim in claims.CLAIMS if claim.text.startswith("accuracy falls beyond head turns"))
    assert "twinlib synth never-rendered" in judge(limit, {"ahan": [run]}).why


def test_every_published_difference_is_in_the_paper_and_every_experiment_exists():
    from twinlib.study.rows import read_rows

    differences = {claim.text: judge(claim, {}).published for claim in claims.CLAIMS}
    assert differences["AHAN tells twins apart better than the plain ViT"] == pytest.approx(92.3 - 81.2)
    assert differences["twins are harder to tell apart than strangers, for AHAN"] == pytest.approx(99.1 - 92.3)
    assert differences["TA-PWCA adds to HCA and FAAM on hard twins"] == pytest.approx(78.4 - 69.2)
    assert differences["HCA alone helps on hard twins"] == pytest.approx(63.4 - 52.1)
    named = {side[0] for claim in claims.CLAIMS for side in (claim.better, claim.worse) if side}
    assert named - {row.name for row in read_rows()} == set()


def test_protocols_of_one_system_are_compared_with_room_to_spare(monkeypatch):
    run = make_run("ahan", 0, skill=1.0)
    metrics = run.metrics()
    other = metrics.assign(protocol="general", value=0.99, low=0.98, high=1.0)
    both = type(metrics)([*metrics.to_dict("records"), *other.to_dict("records")])
    monkeypatch.setattr(type(run), "metrics", lambda _: both)
    monkeypatch.setattr(type(run), "protocols", lambda _: ["general", "twin"])
    found = judge(claims.CLAIMS[0], {"ahan": [run]}, min_seeds=1)
    twin = metrics.set_index("metric").loc["auc"]
    assert (found.ours.low, found.ours.high) == (0.98 - twin.high, 1.0 - twin.low)
    assert found.ours.value == pytest.approx(0.99 - twin.value)


def test_claims_of_a_topic_are_widened_together():
    runs = {name: [make_run(name, seed, skill=skill) for seed in range(5)] for name, skill in (("a", 2.0), ("b", 0.5))}
    other = Claim("ablations", BETTER.text, BETTER.better, BETTER.worse)
    first, second, alone = claims.judged(runs, [BETTER, BETTER, other], draws=200)
    assert first.ours.low < alone.ours.low
    assert second.ours.value == alone.ours.value == judge(BETTER, runs, draws=200).ours.value
    assert alone.ours.low == judge(BETTER, runs, draws=200).ours.low
