"""Small notebooks for the tests of the book's tools."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PARAMETERS = 'profile: str = "cpu"  # smoke | cpu | full\nseed: int = 0\nrate: float = 0.5\nquick: bool = False'
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def source(*codes, parameters=PARAMETERS):
    """A chapter source: the parameters cell, a title, then one code cell per text."""
    first = new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]})
    cells = [new_code_cell(code, id=f"code-{number}") for number, code in enumerate(codes)]
    return new_notebook(cells=[first, new_markdown_cell("# Title", id="title"), *cells], metadata=KERNEL)


def executed(*outputs):
    """An executed chapter with one cell whose outputs are given as HTML texts."""
    cell = new_code_cell("1", execution_count=1, metadata={"papermill": {"status": "completed"}})
    cell.outputs = [new_output("display_data", {"text/html": text}) for text in outputs]
    return new_notebook(cells=[cell], metadata=KERNEL | {"papermill": {"parameters": {"profile": "smoke"}}})


def write(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
