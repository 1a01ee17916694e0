"""Every row of the comparison chapters trains and is scored, all in one process."""

import time

import pytest

from twinlib import config
from twinlib.train.run import run

PEERS = [name for name in config.experiments() if config.load(name, "smoke").model_name not in ("vit", "ahan")]
pytestmark = pytest.mark.slow


def test_every_peer_trains_under_smoke_in_six_minutes(smoke_set):
    began = time.process_time()
    for name in PEERS:
        made = run(name, "smoke", "cpu", fresh=True)
        assert made.metrics()["value"].notna().any(), name
        assert made.record["parameters"] > 0
    assert time.process_time() - began < 360
