"""The pair inspector: one function, alive in JupyterLab and on a page without a kernel.

`pairs` chooses what is shown, `maps` holds attention and asymmetry, `page` makes the element for a page, `edit` changes
pictures, `bench` compares them, `live` lets a kernel answer the same script.
"""

import os

from twinlib.figures.inspector.shown_pairs import LIMIT, Inspected, inspected
from twinlib.records.runs import Run


def inspect_run(run: Run, limit: int = LIMIT, stored: bool = True) -> Inspected:
    """What the inspector shows of a run: its data set, its pairs, its weights or the maps stored beside it.

    Args:
        run: a record; of `rescored`, if another data set than that of its training shall be shown.
        limit: pairs with faces.
        stored: take the maps that are committed beside the record, where they cover the pairs.

    Raises:
        InputError: the data set is not there, was not rendered, or is not the run's.
    """
    from twinlib.data.rendered import prepare
    from twinlib.train.stored.trained import trained_model

    manifest, faces = prepare(run.record["dataset"], run.record["config"]["data"]["size"])
    return inspected(run, manifest, faces, trained_model(run), limit, stored)


def inspector(shown: Inspected) -> None:
    """Show the inspector in the running notebook; a kernel answers where a Jupyter server started one.

    Args:
        shown: from `inspect_run`.
    """
    if "JPY_SESSION_NAME" in os.environ:  # not under papermill: there it is an element that works on a page
        from IPython.display import display

        from twinlib.figures.alive.kernel import mounted
        from twinlib.figures.inspector import live as kernel
        from twinlib.figures.inspector import page

        display(mounted(page.script(), page.inner(shown), kernel.payload(shown), kernel.Answers(shown)))
        return
    from twinlib.figures.inspector.page import fragment
    from twinlib.figures.notebook import show_html

    show_html(fragment(shown), f"Pair inspector: {shown.title}, {len(shown.pairs)} pairs")
