"""The training history as it grows: a JSON file, and TensorBoard where it is asked for."""

import os
from pathlib import Path

from twinlib import files


class Curves:
    """Rows of a history, written to `training_history.json` and to TensorBoard.

    Args:
        folder: of the run; the file and the event files (`tensorboard/`) go there.
        rows: what the run told before it was resumed.

    Notes:
        TensorBoard is on where the environment variable TWINLIB_TENSORBOARD is set and not empty: it watches a run and
        is no part of it, so it is no setting of the experiment.
    """

    def __init__(self, folder: Path, rows: list[dict[str, float | int]]) -> None:
        self.file, self.rows, self.writer = folder / "training_history.json", list(rows), None
        if os.environ.get("TWINLIB_TENSORBOARD"):
            from torch.utils.tensorboard import SummaryWriter

            self.writer = SummaryWriter(str(folder / "tensorboard"))

    def add(self, row: dict[str, float | int]) -> None:
        """Take in a row with its `step`; the JSON file is written whole."""
        self.rows.append(row)
        files.write_json(self.file, self.rows)
        if self.writer is not None:
            for name in row.keys() - {"step"}:
                self.writer.add_scalar(name, row[name], int(row["step"]))
            self.writer.flush()
