"""The studio as a chapter shows it: stored strips on a page, pictures drawn on demand where a kernel answers."""

import base64
import io
import os
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from twinlib.figures.alive import studio_page
from twinlib.verify.studio import stored, turned
from twinlib.verify.studio.judges import Judge, embeddings, judges
from twinlib.verify.studio.turned import FACTORS, FAMILIES, START


def show(profile: str, live: bool | None = None) -> list[dict]:
    """Show the studio in the running notebook.

    Args:
        profile: smoke, cpu or full; decides the networks.
        live: drawn by the kernel; else from the stored strips. None: drawn where a Jupyter server started the kernel.

    Returns:
        The networks that judge, with words, source and threshold.
    """
    if "JPY_SESSION_NAME" in os.environ if live is None else live:
        from IPython.display import display

        from twinlib.figures.alive.kernel import mounted
        from twinlib.figures.alive.mounted import part, shell

        data, answer = payload(judged := judges(profile)), Answers(judged)
        first = answer({"family": next(iter(FAMILIES)), "steps": [f["start"] for f in data["factors"].values()]})
        inner = studio_page.inner(data, first | {"style": "width: 100%; height: 100%"})
        display(mounted(part("studio.js"), shell("studio", "Twin studio", inner), data, answer))
        return data["networks"]
    from twinlib.figures.notebook import show_html

    studio = stored.ready(profile)
    show_html(studio_page.fragment(studio), "Twin studio: two rendered twins, five sliders, scores")
    return studio["networks"]


def payload(judged: Sequence[Judge]) -> dict:
    """The script's input: finer steps than on a page, and no stored scores."""
    steps = {key: factor.finer() for key, factor in FACTORS.items()}
    return {
        "factors": {
            key: {"words": FACTORS[key].words, "steps": [FACTORS[key].said(value) for value in values],
                  "start": int(np.abs(np.array(values) - START[key]).argmin())}
            for key, values in steps.items()
        },
        "networks": [
            {"words": one.words, "source": one.source, "threshold": one.threshold,
             "scale": [round(2 * one.threshold - 1.05, 3), 1.05]}
            for one in judged
        ],
        "families": {name: family.words for name, family in FAMILIES.items()},
    }  # fmt: skip


class Answers:
    """Draws and scores what the script requests.

    Args:
        judged: networks.
    """

    def __init__(self, judged: Sequence[Judge]) -> None:
        self.judged = judged

    def __call__(self, question: dict) -> dict:
        """Two pictures as data URIs, and each network's score; None if no face was found.

        Args:
            question: family, and a step for each factor.
        """
        steps = zip(FACTORS, question["steps"], strict=True)
        at = {key: FACTORS[key].finer()[step] for key, step in steps}
        shots = turned.pictures(question["family"], at)
        cosines = [float(e[0] @ e[1]) for e in embeddings(self.judged, shots)]
        scores = [None if np.isnan(value) else round(value, 4) for value in cosines]
        return {"a": _address(shots[0]), "b": _address(shots[1]), "scores": scores}


def _address(pixels: UInt8[np.ndarray, "S S 3"]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
