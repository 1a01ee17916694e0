import ctypes.util
import json
import os
import signal
import subprocess
import sys

import every_network
import pytest
import torch

SETS = {"DEFAULT": "SSE41", "AVX2": "AVX2", "AVX512": "ALL"}  # vectors of ATen, oldest first → of oneDNN
CHECKED = {"GLIBC_TUNABLES": "glibc.malloc.check=3", "LD_PRELOAD": "libc_malloc_debug.so.0"}  # sees every overrun


def processor(vectors: str) -> dict[str, str]:
    """Environment of a process that takes this machine for an older one, and dies of writing past its memory."""
    ours = os.environ | {"ATEN_CPU_CAPABILITY": vectors.lower(), "ONEDNN_MAX_CPU_ISA": SETS[vectors]}
    return ours | (CHECKED if ctypes.util.find_library("c_malloc_debug") else {}) | {"OMP_NUM_THREADS": "1"}


@pytest.mark.slow
@pytest.mark.parametrize("vectors", SETS)
def test_every_network_trains_and_embeds_on_every_processor(vectors):
    """Strided 1 × 1 convolutions of few channels killed the process; of how few depends on the processor."""
    known = list(SETS)
    here = torch.backends.cpu.get_cpu_capability()
    if here in known and known.index(vectors) > known.index(here):
        pytest.skip(f"this processor has no {vectors}")
    ran = subprocess.run(
        [sys.executable, every_network.__file__], env=processor(vectors), capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    ended = json.loads(ran.stdout)
    assert len(ended) >= len(every_network.SMALL) + len(every_network.NARROW)
    assert {name: code for name, code in ended.items() if code} == {}, ran.stderr


def test_a_network_that_kills_its_process_is_one_failure(monkeypatch):
    def killed(name, cfg):
        if name == "bad":
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(every_network, "step", killed)
    assert [every_network.in_a_fork(name, None) for name in ("good", "bad", "good")] == [0, -signal.SIGKILL, 0]
