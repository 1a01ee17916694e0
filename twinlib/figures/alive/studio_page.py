"""The twin studio as an element: five sliders, two faces, and what each network makes of them."""

import html
from collections.abc import Mapping, Sequence
from string import Template

from twinlib.figures.alive.mounted import element, part

OPEN = 2  # sliders that stand open; the others are behind a click
SAID = {True: "accepted as one person", False: "told apart as two"}
FOLDER = "_static/studio"  # of the strips, beside the page


def fragment(studio: Mapping, base: str = FOLDER, name: str = "twin-studio") -> str:
    """The studio as an element to put into a page; it opens on the step that each factor starts at.

    Args:
        studio: factors, networks, families and scores, as `twinlib.verify.studio.stored` writes them.
        base: address of the folder of strips.
        name: its id, unique on the page.
    """
    every = [[score for family in studio["scores"].values() for score in family[i] if score is not None]
             for i in range(len(studio["networks"]))]  # fmt: skip
    networks = [scaled(network, scores) for network, scores in zip(studio["networks"], every, strict=True)]
    data = {"base": base, **studio, "networks": networks}
    return element("studio", name, "Twin studio", inner(data, _first(data)), data)


def _first(data: Mapping) -> dict:
    """The stored state that a page opens on."""
    step = {key: factor["start"] for key, factor in data["factors"].items()}
    family = next(iter(data["families"]))
    folder = f"{data['base']}/{family}"
    at = ((step["divergence"] * 3 + step["age"]) * 3 + step["yaw"]) * 9 + step["asymmetry"] * 3 + step["marks"]
    return {
        "a": f"{folder}/a-{step['divergence']}.webp",
        "b": f"{folder}/b-{step['divergence']}{step['age']}{step['yaw']}.webp",
        "style": f"transform: translate({-100 * step['marks'] / 3:.3f}%, {-100 * step['asymmetry'] / 3:.3f}%)",
        "scores": [scores[at] for scores in data["scores"][family]],
    }


def scaled(network: Mapping, scores: Sequence[float]) -> dict:
    """A network with the ends of its track: all its scores and its threshold, and a margin."""
    low, high = min([*scores, network["threshold"]]), max([*scores, network["threshold"]])
    margin = 0.06 * (high - low) or 0.1
    return {**network, "scale": [round(low - margin, 4), round(high + margin, 4)]}


def inner(data: Mapping, first: Mapping) -> str:
    """The first state, whole without a script.

    Args:
        data: factors, networks with their scales, families.
        first: addresses `a` and `b` of the two pictures, the `style` that shows the right part of them, and `scores`.
    """
    sliders = [_slider(key, factor) for key, factor in data["factors"].items()]
    return Template(part("studio.html")).substitute(
        families="".join(_radio(key, words, not i) for i, (key, words) in enumerate(data["families"].items())),
        first=f'src="{first["a"]}" style="{first["style"]}"', second=f'src="{first["b"]}" style="{first["style"]}"',
        open="".join(sliders[:OPEN]), more="".join(sliders[OPEN:]),
        networks="".join(map(judge_row, data["networks"], first["scores"])),
        said="Move a slider: this line names the networks that change their mind.",
    )  # fmt: skip


def _radio(key: str, words: str, first: bool) -> str:
    return f'<label><input type="radio" name="studio-family" value="{key}"{" checked" * first}> {words}</label>'


def _slider(key: str, factor: Mapping) -> str:
    steps, start = factor["steps"], factor["start"]
    return (
        f'<label class="al-slider"><span>{factor["words"]}</span><output>{steps[start]}</output>'
        f'<input type="range" data-al="{key}" min="0" max="{len(steps) - 1}" step="1" value="{start}" '
        f'aria-valuetext="{steps[start]}"></label>'
    )


def judge_row(network: Mapping, score: float | None) -> str:
    """A network's score of a pair on its own scale, with its threshold; without one where no face was found."""
    low, high = network["scale"]
    same = score is not None and score >= network["threshold"]
    said = "no face found" if score is None else SAID[same]
    limit, at = (f"{100 * (value - low) / (high - low):.2f}%" for value in (network["threshold"], score or low))
    return (
        f'<div class="al-judge" data-same="{int(same)}" style="--limit: {limit}; --at: {at}; --was: {at}">'
        f"<b>{html.escape(network['words'])}</b> "
        f'<span class="al-number"><span class="al-score">{"–" if score is None else f"{score:.3f}"}</span>, '
        f'threshold {network["threshold"]:.3f}: <span class="al-verdict">{said}</span></span>'
        '<div class="al-track" aria-hidden="true"><i class="al-limit"></i><i class="al-ghost"></i>'
        '<i class="al-dot"></i></div></div>'
    )
