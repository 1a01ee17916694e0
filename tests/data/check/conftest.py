"""A small ND_TWIN-shaped folder of drawn pictures with known faults, without any face."""

import json
from pathlib import Path

import bad_files
import pytest


@pytest.fixture
def tree(tmp_path) -> Path:
    """Six people of four images: a–b twins, c–d–e a chain, f alone; one file twice, one nearly, one cut."""
    root = tmp_path / "nd twins"
    for p, person in enumerate("abcdef"):
        for i in range(4):
            (root / person).mkdir(parents=True, exist_ok=True)
            bad_files.picture(100 + 10 * p + i).save(root / person / f"{i}.jpg", quality=95)
    (root / "pairs.json").write_text(json.dumps([["a", "b"], ["c", "d"], ["d", "e"]]))
    (root / "b" / "copy.jpg").write_bytes((root / "b" / "0.jpg").read_bytes())
    (root / "f" / "wrong.jpg").write_bytes((root / "c" / "1.jpg").read_bytes())
    bad_files.picture(120).resize((150, 190)).save(root / "c" / "resized.jpg", quality=70)
    (root / "e" / "3.jpg").write_bytes((root / "e" / "3.jpg").read_bytes()[:900])
    return root
