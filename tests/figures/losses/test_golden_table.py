import os
from pathlib import Path

import numpy as np
import pytest
import torch

from twinlib.errors import InputError
from twinlib.figures.losses.golden_table import golden_table

FOLDER = Path(os.environ.get("TWINLIB_GOLDEN") or Path(__file__).parents[2] / "golden")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_every_loss_is_within_its_tolerance(dtype):
    table = golden_table(FOLDER, dtype)
    assert (table.error < table.tolerance).all(), table
    assert not (table.gradient_error >= table.gradient_tolerance).any(), table
    assert (table.arrays > 0).all()
    assert table.gradient_error.notna().sum() > 12


def test_a_wrong_number_shows(tmp_path):
    for file in FOLDER.glob("*.npz"):
        v = dict(np.load(file))
        if file.stem == "triplet":
            v = {key: value * (1.01 if "loss_pml_mean" in key else 1) for key, value in v.items()}
        np.savez(tmp_path / file.name, **v)
    table = golden_table(tmp_path).set_index("loss")
    bad = table.index[table.error >= table.tolerance]
    assert bad.tolist() == ["triplet, mean over anchors"]
    assert table.error[bad[0]] == pytest.approx(0.01 / 1.01)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"margin\.npz does not exist.*tests/golden"):
        golden_table(tmp_path)
