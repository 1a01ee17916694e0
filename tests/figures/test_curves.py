import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures import curves
from twinlib.measure import metrics
from twinlib.measure.bootstrap import Interval


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    kind = np.repeat(["genuine", "twin", "stranger"], 200)
    same = (kind == "genuine").astype(int)
    return pd.DataFrame({"score": rng.normal(size=600) * 0.1 + 0.4 * same, "same": same, "kind": kind})


def test_roc_draws_the_curve_and_says_its_auc(table):
    fig, alt = curves.roc_curves({"AHAN": table, "ViT": table.assign(score=-table.score)})
    x, y = fig.axes[0].lines[0].get_data()
    fmr, tar, _ = metrics.roc(table.score.to_numpy(), table.same.to_numpy())
    np.testing.assert_allclose(y, tar)
    np.testing.assert_allclose(x[fmr > 0], fmr[fmr > 0])
    auc = metrics.auc(table.score.to_numpy(), table.same.to_numpy())
    assert f"AHAN {auc:.3f}, ViT {1 - auc:.3f}" in alt


def area(drawing):
    """Area below the outline of a filled histogram."""
    x, y = drawing.get_paths()[0].vertices.T
    return abs(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum())


def test_score_histograms_have_area_one_and_name_the_means(table):
    fig, alt = curves.score_histogram(table, threshold=0.2)
    assert [area(drawing) for drawing in fig.axes[0].collections] == pytest.approx([1, 1, 1])
    mean = table.score[table.kind == "twin"].mean()
    assert f"twins {mean:.2f}" in alt
    assert "siblings" not in alt


def test_forest_draws_each_interval_in_its_place():
    fig, alt = curves.forest(
        {"up": Interval(0.03, 0.01, 0.05, 60), "unclear": Interval(0.0, -0.02, 0.02, 60)}, "gain in AUC"
    )
    ax = fig.axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["up", "unclear"]
    assert [line.get_xdata().tolist() for line in ax.lines[:2]] == [[0.03], [0.01, 0.05]]  # dot and interval
    assert ax.lines[0].get_ydata()[0] > ax.lines[2].get_ydata()[0]
    assert ax.lines[0].get_color() != ax.lines[2].get_color()
    assert "gain in AUC with 95 % intervals over families: up 0.030 [0.010, 0.050]" in alt


def test_hardpair_bias_shows_both_rankers():
    rows = [
        (r, who, 0.1, 0.05, 0.15, 0.8 - r, 0.7 - r, 0.9 - r)
        for r in (0.0, 0.5)
        for who in ("a model of the table", "a model outside")
    ]
    rows += [(r, "all pairs", 0.9, 0.9, 0.9, 0.9, 0.9, 0.9) for r in (0.0, 0.5)]
    names = ["correlation", "ranked_by", "auc_1", "auc_1_low", "auc_1_high", "auc_2", "auc_2_low", "auc_2_high"]
    fig, alt = curves.hardpair_bias(pd.DataFrame(rows, columns=names))
    assert fig.axes[0].lines[0].get_ydata().tolist() == [0.1, 0.1]
    assert "both with AUC 0.90 on all pairs" in alt
    assert "model 1 has AUC 0.10 and model 2 0.80 to 0.30" in alt
    with pytest.raises(InputError, match=r"lacks \['auc_2'\]"):
        curves.hardpair_bias(pd.DataFrame(rows, columns=names).drop(columns="auc_2"))


def test_nothing_to_draw_is_refused(table):
    with pytest.raises(InputError, match="nothing to draw"):
        curves.roc_curves({})
    with pytest.raises(InputError, match=r"score: .* values are NaN"):
        curves.score_histogram(table.assign(score=np.nan))


def test_long_names_do_not_squeeze_the_axes(table):
    fig, _ = curves.roc_curves({f"a network with a very long name, protocol {i}": table for i in range(4)})
    fig.canvas.draw()
    assert fig.axes[0].get_position().width > 0.7
