"""The service under load: requests a second, latency, refusals and memory at 1, 8 and 32 connections.

    python benchmarks/serve_load.py LABEL [--requests 96] [--tree FOLDER]

Starts `twinlib serve` with the pair that ships in a process of its own (from another checkout if --tree names one), and
sends the astronaut of scikit-image (public domain) against itself as JPEGs of 512 px. A refusal (429) is tried again
after the time that it names. Processor time is that of the service alone: it is what counts where other work runs on
the machine. Rows of LABEL in results/benchmarks/serve_load.csv are replaced.
"""

import argparse
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
from PIL import Image
from skimage.data import astronaut

from twinlib import files, paths

CONNECTIONS = (1, 8, 32)
CODE = "import sys; from twinlib.verify.web.service import serve; serve(port=int(sys.argv[1]))"


def photograph() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(astronaut()).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def memory_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def started(tree: Path, log: Path) -> tuple[subprocess.Popen, str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = os.environ | {"PYTHONPATH": f"{tree}{os.pathsep}{tree / 'data_prep'}"}
    process = subprocess.Popen([sys.executable, "-c", CODE, str(port)], env=env, stdout=log.open("w"), stderr=2)
    address = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            if httpx.get(f"{address}/health", timeout=10).status_code == 200:
                return process, address
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("the service did not start")


def asked(address: str, connections: int, requests: int, photo: bytes) -> tuple[np.ndarray, Counter, float]:
    """Seconds of each answer, statuses, seconds of all."""
    codes: Counter = Counter()

    def one(client: httpx.Client) -> float:
        began = time.perf_counter()
        while True:
            answer = client.post(f"{address}/verify", files={"image_a": photo, "image_b": photo}, timeout=300)
            codes[answer.status_code] += 1
            if answer.status_code != 429:
                return time.perf_counter() - began
            time.sleep(float(answer.headers["retry-after"]))

    def several(count: int) -> list[float]:
        with httpx.Client() as client:
            return [one(client) for _ in range(count)]

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        parts = list(pool.map(several, [requests // connections] * connections))
    return np.concatenate(parts), codes, time.perf_counter() - began


def measured(label: str, tree: Path, requests: int) -> list[dict]:
    rows, photo = [], photograph()
    log = paths.build_dir() / "serve_load.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    process, address = started(tree, log)
    try:
        asked(address, 4, 8, photo)
        for connections in CONNECTIONS:
            before, cpu = memory_mb(process.pid), cpu_s(process.pid)
            seconds, codes, whole = asked(address, connections, requests, photo)
            rows.append({
                "service": label, "connections": connections, "requests": len(seconds),
                "requests_per_s": len(seconds) / whole, "p50_s": np.quantile(seconds, 0.5),
                "p99_s": np.quantile(seconds, 0.99), "answered_200": codes[200], "answered_429": codes[429],
                "cpu_s_per_request": (cpu_s(process.pid) - cpu) / len(seconds),
                "memory_before_mb": before, "memory_after_mb": memory_mb(process.pid),
            })  # fmt: skip
            print(rows[-1], flush=True)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("label")
    parser.add_argument("--requests", type=int, default=96)
    parser.add_argument("--tree", type=Path, default=Path.cwd())
    given = parser.parse_args()
    rows = measured(given.label, given.tree.resolve(), given.requests)
    file = paths.results_dir() / "benchmarks/serve_load.csv"
    old = pd.read_csv(file) if file.is_file() else pd.DataFrame(columns=list(rows[0]))
    kept = old[old["service"] != given.label]
    table = pd.DataFrame([*kept.to_dict("records"), *rows])
    files.write_text(file, table.round(3).to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    main()
