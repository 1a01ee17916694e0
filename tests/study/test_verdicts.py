import dataclasses

import pytest
from run_factory import make_run, pair_list

from twinlib.errors import InputError
from twinlib.records.published import CANNOT_TELL, DOES_NOT, HOLDS
from twinlib.study.board import Board
from twinlib.study.rows import Row, read_rows
from twinlib.study.verdicts import COMPARISONS, NOT_RUN, Comparison, answers, gaps, row_table
from twinlib.train.lookup import portable, read_manifest
from twinlib.version import TRAINING

SET = ("data.name=smoke", "train.trunk=null", "train.passes=1000", "train.warmup=0", "evaluate.sets=[]")
VIT = Row("1", "ablation", "vit", "cpu", "vit", SET, (0, 1, 2, 3, 4), (), "vit", (), ())
AHAN = dataclasses.replace(VIT, name="ahan", experiment="ahan", tuning="ahan")
QUESTION = Comparison("ablation", 1, "ahan beats vit", "ahan", "vit")


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path, smoke_set):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))


@pytest.fixture
def trained(smoke_set):
    manifest = read_manifest(smoke_set).sha256

    def records(row, skill, accuracy=0.95):
        for seed in row.seeds:
            e = row.of(seed)
            said = {
                "train_accuracy": accuracy,
                "ended": True,
                "passes": 1000,
                "control": {"twin@nothing": [0.5, 0.4, 0.6]},
            }
            make_run(row.experiment, seed, skill, pair_list(), config=portable(e.as_dict()), key=portable(e.key()),
                     manifest=manifest, training=TRAINING, wall_s=36.0, extra={"finished": said})  # fmt: skip

    return records


def told(skills, accuracy, trained):
    for row, skill in zip((VIT, AHAN), skills, strict=True):
        trained(row, skill, accuracy)
    return answers(Board([VIT, AHAN]).look(), [QUESTION], draws=200)[0]


@pytest.mark.parametrize(
    ("skills", "accuracy", "verdict"),
    [
        ((1.0, 2.0), 0.95, HOLDS),
        ((2.0, 1.0), 0.95, DOES_NOT),
        ((1.0, 1.0), 0.95, DOES_NOT),
        ((1.0, 2.0), 0.5, CANNOT_TELL),
    ],
)
def test_verdicts_follow_the_plan(skills, accuracy, verdict, trained):
    """Equal rows exclude an effect of .02; a row that did not fit withholds the verdict, and says so."""
    answer = told(skills, accuracy, trained)
    assert answer.verdict == verdict
    assert ("fits 0.50 of its training images" in answer.lacks) == (accuracy < 0.9)


def test_what_is_not_run_is_said_and_priced(trained):
    board = Board([VIT, AHAN]).look()
    answer = answers(board, [QUESTION])[0]
    assert (answer.verdict, answer.difference) == (NOT_RUN, None)
    trained(VIT, 1.0)
    left = gaps(board.look())
    assert left.to_dict("records") == [
        {"part": "1 ablation", "runs": 5, "hours": 0.1, "command": "twinlib study --part 1"}
    ]  # 36 s a run
    shown = row_table(board, "1", {"twins": "twin", "never scored": "twin@moon"}, draws=50)
    assert shown[["row", "pairs", "seeds", "lacks"]].to_numpy().tolist() == [["vit", "twins", 5, ""]]


def test_more_questions_in_a_table_widen_its_intervals(trained):
    trained(VIT, 1.0)
    trained(AHAN, 1.5)
    board = Board([VIT, AHAN]).look()
    back = dataclasses.replace(QUESTION, better="vit", worse="ahan")
    alone = answers(board, [QUESTION], draws=200)[0].difference
    both = [answer.difference for answer in answers(board, [QUESTION, back], draws=200)]
    assert max(one.high - one.low for one in both) > 1.05 * (
        alone.high - alone.low
    )  # of equal ones the first is widened
    elsewhere = answers(board, [QUESTION, dataclasses.replace(back, table="other")], draws=200)[0].difference
    assert (elsewhere.low, elsewhere.high) == (alone.low, alone.high)


def test_a_row_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="'moon' is no row of this study; known: vit"):
        answers(Board([VIT]), [dataclasses.replace(QUESTION, better="moon", worse="vit")])


def test_every_claim_of_the_plan_is_asked_of_rows_that_exist():
    names = {row.name for row in read_rows()}
    assert {name for c in COMPARISONS for name in (c.better, c.worse)} <= names
    assert {c.claim for c in COMPARISONS} == set(range(1, 13))
    assert len(set(COMPARISONS)) == len(COMPARISONS) == 39
