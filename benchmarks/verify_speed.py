"""How long a pair takes with the networks that ship: `.venv/bin/python benchmarks/verify_speed.py`

One process on one core; CPU time is what counts where other work runs beside it. Photographs are scikit-image's
astronaut (public domain) as an array of 512 px, as a JPEG, and as a face of 92 px in a JPEG of 24 megapixels.
Writes results/benchmarks/verify_speed.csv.
"""

import io
import time

import cv2
import numpy as np
import pandas as pd
from PIL import Image
from skimage.data import astronaut

from twinlib import TwinVerifier, files, paths

ROUNDS = 30


def stored(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def timed(call, rounds):
    """Wall and CPU time of each call, s; the first three are left out."""
    found = []
    for _ in range(rounds + 3):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return np.array(found[3:])


def main():
    cv2.setNumThreads(1)
    photo = astronaut()
    canvas = np.full((4000, 6000, 3), 127, np.uint8)
    canvas[1000:1512, 4000:4512] = photo
    verifier = TwinVerifier.from_pretrained()
    jpeg, large = stored(photo), stored(canvas)
    cases = {
        "array 512": (lambda: verifier.verify(photo, photo[:, ::-1]), ROUNDS),
        "JPEG 512": (lambda: verifier.verify(jpeg, jpeg), ROUNDS),
        "JPEG 24 megapixels": (lambda: verifier.verify(large, large), 5),
    }
    rows = []
    for name, (call, rounds) in cases.items():
        ms = timed(call, rounds) * 1e3
        quantiles = {
            f"{kind}_{q}_ms": np.percentile(ms[:, i], q) for i, kind in enumerate(("wall", "cpu")) for q in (50, 95)
        }
        rows.append({"pair of": name, "pairs": rounds} | quantiles)
    with files.replacing(paths.results_dir() / "benchmarks/verify_speed.csv") as temporary:
        pd.DataFrame(rows).round(1).to_csv(temporary, index=False, lineterminator="\n")
    print(pd.DataFrame(rows).round(1).to_string(index=False))


if __name__ == "__main__":
    main()
