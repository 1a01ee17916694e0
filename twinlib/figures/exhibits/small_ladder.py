"""A cue ladder drawn on the spot, and a figure of it that moves while a network learns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8

from twinlib.data import rendered
from twinlib.faces.align import aligned
from twinlib.faces.detect.upright import UprightMesh
from twinlib.figures import plain
from twinlib.measure.metrics import auc
from twinlib.models.features import embed
from twinlib.models.network import Network

FIRST = rendered.NOBODY + 500  # number of the first family
OFF = {"divergence": 0.0, "asymmetry_cm": 0.0, "marks": 0.0, "own_texture": False}
RUNGS: dict[str, dict[str, Any]] = {
    "all cues": {},
    "marks alone": {key: OFF[key] for key in OFF if key != "marks"},
    "asymmetry alone": {key: OFF[key] for key in OFF if key != "asymmetry_cm"},
    "nothing": OFF,
}
SAME = ((0, 1), (2, 3))  # of a family's four photographs: two of each twin
TWINS = ((0, 2), (1, 3), (0, 3), (1, 2))
BINS = [(sex, tone, "young") for tone in ("light", "medium", "dark") for sex in ("female", "male")]


@dataclass(frozen=True, eq=False)
class Rung:
    """Photographs of twins who differ in some cues only, four a family: two of each twin.

    Attributes:
        crops: aligned.
        boxes: the detector's regions.
    """

    crops: UInt8[np.ndarray, "N S S 3"]
    boxes: Float[np.ndarray, "N 4 4"]

    def auc(self, net: Network, device: str = "cpu") -> float:
        """How well a network tells one person from twins on these families."""
        e = embed(net, self.crops, range(len(self.crops)), device, boxes=self.boxes)
        pairs = [(4 * k + i, 4 * k + j) for k in range(len(e) // 4) for i, j in SAME + TWINS]
        scores = np.array([float(e[i] @ e[j]) for i, j in pairs])
        return auc(scores, np.tile([1] * len(SAME) + [0] * len(TWINS), len(e) // 4))


def drawn(families: int = 12, size: int = 112) -> dict[str, Rung]:
    """The rungs, with the same families, poses and lights on each.

    Args:
        families: whom no set knows; more make the figure steadier and take longer to draw.
        size: side of the crops, px.
    """
    found = {}
    with UprightMesh() as detector:
        for cue, changes in RUNGS.items():
            knobs, faces = replace(rendered.STUDY, **changes), []
            for k in range(families):
                rng = np.random.default_rng([FIRST, k])
                for member in (0, 0, 1, 1):
                    person = rendered.somebody(member, FIRST + k, BINS[k % len(BINS)], knobs)
                    shot = rendered.render_image(person, rendered.sample_nuisance(rng, rendered.PLAIN)).pixels
                    seen = detector.detect(shot)
                    faces.append(aligned(shot, seen.landmarks if seen.found else None, size))
            found[cue] = Rung(np.stack([one.crop for one in faces]), np.stack([one.boxes for one in faces]))
    return found


class Moving:
    """Looks at a network while it learns, and shows the ladder of all looks so far in one place.

    Args:
        ladder: from `drawn`.
    """

    def __init__(self, ladder: Mapping[str, Rung]) -> None:
        self.ladder = ladder
        self.looks: list[dict[str, float]] = []

    def __call__(self, net: Network) -> Sequence[Mapping[str, object]]:
        """A row of the table that `watched` keeps; the figure follows."""
        self.looks.append({cue: rung.auc(net) for cue, rung in self.ladder.items()})
        net.train()
        self._show()
        return [self.looks[-1]]

    def _show(self) -> None:
        from IPython.display import display

        from twinlib.figures.notebook import figure_html

        table, steps = pd.DataFrame(self.looks), list(range(len(self.looks)))
        curves = {str(cue): (steps, table[cue].tolist()) for cue in table}
        fig, alt = plain.lines(curves, "look", "twin AUC", "The cue ladder while the network learns")
        shown = {"text/html": figure_html(fig, alt), "text/plain": alt}
        display(shown, raw=True, display_id="moving-ladder", update=len(self.looks) > 1)
