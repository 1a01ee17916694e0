"""The pair inspector: one function, alive in JupyterLab and on a page without a kernel.

`pairs` chooses what is shown, `maps` holds attention and asymmetry, `page` makes the element for a page, `edit` changes
pictures, `bench` compares them, `live` is the form with widgets.
"""

import os

from twinlib.figures.inspector.shown_pairs import LIMIT, Inspected, inspected
from twinlib.records.runs import Run


def inspect_run(run: Run, limit: int = LIMIT, stored: bool = True) -> Inspected:
    """What the inspector shows of a run: its data set, its pairs, its weights or the maps stored beside it.

    Args:
        run: a record.
        limit: pairs with faces.
        stored: take the maps that are committed beside the record, where they cover the pairs.

    Raises:
        InputError: the data set is not there, was not rendered, or is not the run's.
    """
    from twinlib.data.rendered import prepare
    from twinlib.train.stored.trained import trained_model

    data = run.record["config"]["data"]
    manifest, faces = prepare(data["name"], data["size"])
    return inspected(run, manifest, faces, trained_model(run), limit, stored)


def inspector(shown: Inspected, live: bool | None = None) -> None:
    """Show the inspector in the running notebook.

    Args:
        shown: from `inspect_run`.
        live: with widgets and a kernel; else an element of its own that also works on a page. None: with widgets where
            a Jupyter server started the kernel, without under papermill.
    """
    if "JPY_SESSION_NAME" in os.environ if live is None else live:
        from IPython.display import display

        from twinlib.figures.inspector.live import Live

        display(Live(shown).box)
        return
    from twinlib.figures.inspector.page import fragment
    from twinlib.figures.notebook import show_html

    show_html(fragment(shown), f"Pair inspector: {shown.title}, {len(shown.pairs)} pairs")
