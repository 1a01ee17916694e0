"""The inspector with a kernel: ipywidgets over a `Bench`. Nothing of it is stored in a page."""

import io
from collections.abc import Callable

import ipywidgets as w
from PIL import Image

from twinlib.errors import InputError
from twinlib.figures.inspector.bench import Bench, Side, blended
from twinlib.figures.inspector.edit import Face
from twinlib.figures.inspector.page import NAMES, OUTCOMES
from twinlib.figures.inspector.shown_pairs import SHOWN_KINDS, Inspected
from twinlib.figures.inspector.stored_maps import ASYMMETRY, TOKEN, layer, maps_of

PROTOCOL_OF = {kind: protocol for protocol, kinds in SHOWN_KINDS.items() for kind in kinds}
WRAP = w.Layout(flex_flow="row wrap")
REDRAWN = {  # factor → name, lowest, highest, step, first value
    "yaw": ("head turn, degrees", -60.0, 60.0, 5.0, 0.0),
    "age_gap": ("age gap, years", 0.0, 12.0, 1.0, 0.0),
    "marks": ("marks", 0.0, 4.0, 0.25, 1.0),
    "asymmetry_cm": ("asymmetry, cm", 0.0, 0.2, 0.005, 0.055),
}


class Live:
    """The form. `box` is what to display.

    Args:
        shown: from `pairs.inspected`.
        bench: what it works on; made from `shown` if None.
    """

    def __init__(self, shown: Inspected, bench: Bench | None = None) -> None:
        self.shown, self.bench = shown, bench or Bench(shown)
        self._quiet = False
        self._build()
        self._families()

    def _build(self) -> None:
        kinds = [kind for kind in NAMES if PROTOCOL_OF[kind] in self.shown.scores]
        self.kind = w.Dropdown(options=[(NAMES[kind], kind) for kind in kinds], description="pair type")
        self.family = w.Dropdown(description="family")
        self.image_a, self.image_b = (w.Dropdown(description=f"image {side}") for side in "AB")
        low = min(table["score"].min() for table in self.shown.scores.values())
        self.threshold = w.FloatSlider(
            min=round(low - 0.001, 3), max=1.0, step=0.001, readout_format=".3f", description="threshold",
            continuous_update=False, layout=w.Layout(width="32rem"),
        )  # fmt: skip
        self.validation = w.Button(description="from validation", tooltip="the threshold that validation pairs give")
        self.overlay = w.Checkbox(description="attention", indent=False)
        self.region = w.Dropdown(options=["eyes", "nose", "mouth", "jaw", ASYMMETRY, TOKEN], description="of")
        self.scale = w.Dropdown(options=["1", "2", "4"], description="at scale")
        self.swap = w.Button(description="swap", tooltip="exchange A and B")
        self.flips = [w.Checkbox(description=f"flip {side}", indent=False) for side in "AB"]
        self.occlude = w.FloatSlider(max=0.6, step=0.05, description="occlude A", continuous_update=False)
        self.height = w.FloatSlider(value=0.5, max=1.0, step=0.05, description="at height", continuous_update=False)
        self.redraw = w.Checkbox(description="draw A again with", indent=False)
        self.factors = {
            name: w.FloatSlider(
                min=low, max=high, step=step, value=value, description=text, continuous_update=False,
                style={"description_width": "9rem"},
            )
            for name, (text, low, high, step, value) in REDRAWN.items()
        }  # fmt: skip
        self.paths = [w.Text(description=f"photo {side}", placeholder="path of a photograph") for side in "AB"]
        self.own = w.Button(description="compare these photographs")
        self.pictures = [w.Image(format="png", width=224, height=224) for _ in "AB"]
        self.said, self.counted = w.HTML(), w.HTML()
        self._wire()
        self.box = w.VBox([
            w.HBox([self.kind, self.family, self.image_a, self.image_b], layout=WRAP),
            w.HBox([self.threshold, self.validation]), self.counted, w.HBox(self.pictures), self.said,
            w.HBox([self.overlay, self.region, self.scale, self.swap, *self.flips], layout=WRAP),
            w.HBox([self.occlude, self.height]), w.HBox([self.redraw, w.VBox(list(self.factors.values()))]),
            w.HBox([*self.paths, self.own], layout=WRAP),
        ])  # fmt: skip

    def _wire(self) -> None:
        self._on(self._families, self.kind)
        self._on(self._firsts, self.family)
        self._on(self._seconds, self.image_a)
        self._on(self.update, self.image_b, self.overlay, self.region, self.scale, *self.flips, self.occlude,
                 self.height, self.redraw, *self.factors.values())  # fmt: skip
        self._on(self.tell, self.threshold)
        self.validation.on_click(lambda _: self._to_validation())
        self.swap.on_click(lambda _: self._swapped())
        self.own.on_click(lambda _: self._photographs())

    def _on(self, act: Callable[[], None], *controls: w.Widget) -> None:
        for control in controls:
            control.observe(lambda _: None if self._quiet else act(), names="value")

    def _set(self, control: w.Dropdown, options: list[str]) -> None:
        """New choices without an answer for each."""
        self._quiet = True
        control.options, control.value = options, options[0] if options else None
        self._quiet = False

    def _families(self) -> None:
        self._set(self.family, self.bench.families(self.kind.value))
        self._to_validation()
        self._firsts()

    def _firsts(self) -> None:
        self._set(self.image_a, self.bench.first(self.family.value))
        self._seconds()

    def _seconds(self) -> None:
        self._set(self.image_b, self.bench.second(self.image_a.value, self.kind.value))
        self.bench.a, self.bench.b = Side(), Side()
        self.update()

    def _to_validation(self) -> None:
        self.threshold.value = self.shown.thresholds[PROTOCOL_OF[self.kind.value]]

    def _swapped(self) -> None:
        self.bench.swap()
        self.draw()

    def _photographs(self) -> None:
        a, b = (Side(name=path.value, photo=path.value) for path in self.paths)
        self.bench.a, self.bench.b = a, b
        self.draw()

    def update(self) -> None:
        """Take over what the controls say about the images of the data set, and draw."""
        redraw = {name: slider.value for name, slider in self.factors.items()} if self.redraw.value else {}
        self.bench.a = Side(self.image_a.value, flip=self.flips[0].value, occlude=self.occlude.value,
                            at=(0.5, self.height.value), redraw=redraw)  # fmt: skip
        self.bench.b = Side(self.image_b.value, flip=self.flips[1].value)
        self.draw()

    def draw(self) -> None:
        """Pictures, score and counts of the present sides."""
        try:
            faces = [self.bench.face(side) for side in (self.bench.a, self.bench.b)]
            self.score: float | None = self.bench.score(*faces) if self.shown.model is not None else None
        except InputError as error:
            self.said.value = f"<b>{error}</b>"
            return
        for picture, face in zip(self.pictures, faces, strict=True):
            picture.value = _png(self._overlaid(face))
        self.tell()

    def tell(self) -> None:
        """Words and counts at the present threshold."""
        protocol, threshold = PROTOCOL_OF[self.kind.value], self.threshold.value
        counts = self.bench.counts(protocol, threshold)
        cells = "".join(
            f"<td>{name} {value}</td>" for name, value in zip(("TP", "FP", "FN", "TN"), counts, strict=True)
        )
        self.counted.value = f"<table><tr><td>all test pairs of protocol {protocol}:</td>{cells}</tr></table>"
        score = getattr(self, "score", None)
        if score is None:
            self.said.value = "The weights of this run are not here, so that this pair has no score of its own."
            return
        known = {"genuine": 1}.get(self.kind.value, 0)
        own = self.bench.a.photo is not None
        outcome = "" if own else f" ({OUTCOMES[score >= threshold, known]})"
        decision = "accepted as one person" if score >= threshold else "rejected"
        self.said.value = f"score <b>{score:.3f}</b>, threshold {threshold:.3f}: {decision}{outcome}"

    def _overlaid(self, face: Face) -> object:
        if not self.overlay.value or self.shown.model is None:
            return face.crop
        maps = maps_of(self.shown.model, ["face"], face.crop[None], face.boxes[None])
        found = None if maps is None else layer(maps.of("face"), self.region.value, self.scale.value)
        return face.crop if found is None else blended(face.crop, found)


def _png(pixels: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")  # type: ignore[arg-type]
    return buffer.getvalue()
