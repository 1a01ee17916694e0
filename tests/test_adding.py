"""What CONTRIBUTING promises: a loss, a method, a metric and a chapter are really added, and the files counted."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TREE = ("twinlib", "data_prep", "tests", "book", "_toc.yml", "pyproject.toml", "CONTRIBUTING.md")
pytestmark = pytest.mark.slow


@pytest.fixture
def copy(tmp_path):
    """The repository's code and chapters in another folder."""
    for name in TREE:
        if (source := ROOT / name).is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "weights", "golden"))
        else:
            shutil.copyfile(source, tmp_path / name)
    return tmp_path


def content(folder):
    """Path → hash of every file."""
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def touched(before, after):
    """Files that are new or changed."""
    return sorted(name for name, sha256 in after.items() if before.get(name) != sha256)


def insert(file, before, text):
    """Put a text before the first place of another."""
    whole = file.read_text(encoding="utf-8")
    assert before in whole, f"{file.name} has no {before!r}"
    file.write_text(whole.replace(before, text + before, 1), encoding="utf-8")


def python(folder, *arguments):
    """Run Python in the copy; its output."""
    environment = os.environ | {
        "PYTHONPATH": f"{folder}:{folder / 'data_prep'}:{folder / 'tests'}",
        "TWINLIB_ROOT": str(folder),
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def promised(what):
    """Number of files that CONTRIBUTING says."""
    [count] = re.findall(rf"^\| {what} \| (\d+) \|", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.M)
    return int(count)


def test_a_loss_is_four_files(copy):
    before = content(copy)
    (copy / "twinlib/losses/mine.py").write_text(MINE_LOSS)
    room = copy / "twinlib/losses/__init__.py"
    insert(room, "# What a configuration can name", MINE_SETTINGS)
    insert(room, '        "arcface": (', '        "mine": (Mine, "twinlib.losses.mine:Mine"),\n')
    (copy / "tests/losses/test_mine.py").write_text(MINE_TEST)
    (copy / "twinlib/experiments/mine.yaml").write_text(
        "# Does a plain softmax do?\nmodel: {name: mobilefacenet}\nloss: {name: mine, s: 8.0}\n"
    )
    assert len(touched(before, content(copy))) == promised("a loss") == 4
    python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/losses/test_mine.py")


def test_a_method_is_four_files(copy):
    before = content(copy)
    room = copy / "twinlib/methods/mine"
    room.mkdir()
    (room / "__init__.py").write_text(METHOD_ROOM)
    (room / "mine.py").write_text(METHOD)
    (copy / "tests/methods/mine").mkdir()
    (copy / "tests/methods/mine/test_mine.py").write_text(METHOD_TEST)
    (copy / "twinlib/experiments/mine.yaml").write_text(
        "# Does pulling to the mean help?\nbase: vit\nterms: {pull_to_mean: {weight: 0.5}}\n"
    )
    assert len(touched(before, content(copy))) == promised("a method") == 4
    python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/methods/mine/test_mine.py")


def test_a_metric_is_three_files(copy):
    before = content(copy)
    with (copy / "twinlib/measure/metrics.py").open("a") as file:
        file.write(METRIC)
    with (copy / "tests/measure/test_metrics.py").open("a") as file:
        file.write(METRIC_TEST)
    insert(copy / "twinlib/records/comparison.py", "    return pd.DataFrame(rows, columns=METRIC_COLUMNS)", METRIC_LINE)
    assert len(touched(before, content(copy))) == promised("a metric") == 3
    tests = ("tests/measure/test_metrics.py", "-k", "gap")
    python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    code = (
        "from run_factory import pair_list; from twinlib.records.comparison import measure; from twinlib.records.runs "
        "import score_table; pairs = pair_list(); table = score_table(pairs, pairs.same.to_numpy() + 0.1 * "
        "pairs.pair.to_numpy()); print(measure('twin', table, draws=10).metric.tolist())"
    )
    assert "'gap'" in python(copy, "-c", code)


def test_a_chapter_is_two_files(copy):
    before = content(copy)
    chapter = json.loads((copy / "book/16_cost.ipynb").read_text())
    (copy / "book/18_mine.ipynb").write_text(json.dumps(chapter, indent=1, ensure_ascii=False) + "\n")
    insert(copy / "_toc.yml", "  - caption: What it amounts to", "      - file: 18_mine\n")
    assert len(touched(before, content(copy))) == promised("a chapter") == 2
    code = (
        "from pathlib import Path; from book.tools.chapters import notebooks; "
        "print(notebooks(Path('_toc.yml'), Path('book')))"
    )
    assert "18_mine" in python(copy, "-c", code)


MINE_LOSS = '''"""A softmax over scaled cosines, without a margin."""

from twinlib import losses
from twinlib.losses.head import Head


def mine_logits(cos, s):
    """Logits s · cos."""
    return s * cos


class Mine(Head):
    """The head around the formula."""

    def __init__(self, cfg: losses.Mine, width: int, classes: int) -> None:
        super().__init__(0.0, width, classes)
        self.cfg = cfg

    def logits(self, embedding, label, grown=1.0):
        """Logits of a batch."""
        return mine_logits(self.cosine(embedding), self.cfg.s)
'''
MINE_SETTINGS = '''@dataclass(frozen=True)
class Mine(Settings):
    """A softmax without a margin."""

    s: Positive = 16.0  # scale (C)


'''
MINE_TEST = """import torch
from train_fixtures import colours

from twinlib import config
from twinlib.losses.mine import mine_logits
from twinlib.train.batches import Batches
from twinlib.train.engine import Objective


def test_logits_are_scaled_cosines():
    assert mine_logits(torch.tensor([0.5]), 8.0).tolist() == [4.0]


def test_the_experiment_builds_what_training_would():
    experiment = config.load("mine", "smoke", ("triplet=null",))
    batches = Batches(experiment, colours(), torch.device("cpu"))
    assert Objective(experiment, batches.classes).head.cfg.s == 8.0
"""
METHOD_ROOM = '''"""Mine: embeddings are pulled to the mean of their batch."""

from dataclasses import dataclass

from twinlib.ranges import NotNegative, Settings


@dataclass(frozen=True)
class PullToMean(Settings):
    """Squared distance to the mean of the batch."""

    weight: NotNegative = 1.0  # weight of the term in the sum of losses (C)


NAMED = {"term": {"pull_to_mean": (PullToMean, "twinlib.methods.mine.mine:PullToMean")}}
'''
METHOD = '''"""The pull to the mean."""

from twinlib.losses.term import Term


def pull_to_mean(embedding):
    """Mean squared distance to the mean of the batch."""
    return (embedding - embedding.mean(0)).square().sum(1).mean()


class PullToMean(Term):
    """The term around the formula."""

    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg

    def forward(self, view):
        """The loss of a batch."""
        return self.cfg.weight * pull_to_mean(view.embedding)
'''
METHOD_TEST = """import torch
from term_views import view_of

from twinlib import config
from twinlib.methods.mine.mine import pull_to_mean
from twinlib.train.engine import Objective


def test_the_pull_by_hand():
    assert pull_to_mean(torch.tensor([[0.0], [2.0]])).item() == 1.0


def test_the_experiment_builds_what_training_would():
    experiment = config.load("mine", "smoke")
    assert experiment.terms["pull_to_mean"].weight == 0.5
    objective = Objective(experiment, 4)
    assert torch.isfinite(objective(view_of(torch.randn(4, experiment.model.embedding), torch.tensor([0, 0, 1, 2]))))
"""
METRIC = '''

def gap(scores: Column, same: Column) -> float:
    """Mean genuine score minus mean impostor score."""
    genuine, impostor = genuine_impostor(scores, same)
    return float(genuine.mean() - impostor.mean())
'''
METRIC_TEST = """

def test_gap_is_the_difference_of_means():
    assert metrics.gap([1.0, 3.0, 0.5], [1, 1, 0]) == 1.5
"""
METRIC_LINE = """    found = metrics.gap(scores, same)
    rows.append((protocol, "test", "gap", found, np.nan, np.nan, np.nan, None, *counts))
"""
