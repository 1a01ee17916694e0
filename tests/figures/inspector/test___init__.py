from inspector_factory import make_record, make_shown

from twinlib.figures import notebook
from twinlib.figures.inspector import inspect_run, inspector, page


def test_a_run_is_opened_with_its_data(smoke_set, tmp_path):
    shown = inspect_run(make_record(smoke_set, tmp_path / "run"), limit=8)
    assert len(shown.pairs) == 8
    assert shown.maps is None
    assert "weights of this run are not here" in shown.maps_from


def test_one_function_two_forms(smoke_set, tmp_path, monkeypatch):
    pages, widgets = [], []
    monkeypatch.setattr(notebook, "_in_notebook", lambda: True)
    monkeypatch.setattr(
        "IPython.display.display",
        lambda *given, **_: (widgets if given[0] is not None and hasattr(given[0], "_esm") else pages).append(given[0]),
    )
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    shown = make_shown(smoke_set, tmp_path / "run", limit=8)
    inspector(shown)
    assert 'class="twi"' in pages[0]["text/html"]
    assert widgets == []
    monkeypatch.setenv("JPY_SESSION_NAME", "a notebook of a Jupyter server")
    inspector(shown)
    assert len(widgets) == 1
    assert page.script() in widgets[0]._esm  # one script, whoever mounts it
    assert page.script() in pages[0]["text/html"]
