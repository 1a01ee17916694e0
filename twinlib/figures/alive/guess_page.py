"""The guessing game as an element: one pair at a time, four answers, the truth, and the networks on the same pairs."""

import html
from collections.abc import Mapping
from string import Template

from twinlib.figures.alive.mounted import element, part
from twinlib.figures.alive.studio_page import judge_row, scaled

FOLDER = "_static/guess"  # of the pictures, beside the page
SHOWN = 4  # pairs that a reader without script sees


def fragment(game: Mapping, base: str = FOLDER, name: str = "guess-first") -> str:
    """The game as an element to put into a page.

    Args:
        game: networks, intervals and pairs, as `twinlib.verify.studio.guesses` writes them.
        base: address of the folder of pictures.
        name: its id, unique on the page.
    """
    every = [[pair["scores"][i] for pair in game["pairs"]] for i in range(len(game["networks"]))]
    networks = [scaled(network, scores) for network, scores in zip(game["networks"], every, strict=True)]
    inner = Template(part("guess.html")).substitute(
        first=f"{base}/{game['pairs'][0]['file']}", round=game["round"], some="".join(_answered(pair, base, networks)
            for pair in game["pairs"][:SHOWN]),
        networks="".join(judge_row(network, None) for network in networks),
    )  # fmt: skip
    return element("guess", name, "Guess first", inner, {"base": base, **game, "networks": networks})


def _answered(pair: Mapping, base: str, networks: list[dict]) -> str:
    truth = "one person" if pair["same"] else "two people, identical twins"
    said = ", ".join(
        f"{html.escape(network['words'])}: {'one' if score >= network['threshold'] else 'two'}"
        for network, score in zip(networks, pair["scores"], strict=True)
    )
    return (
        f'<figure><img src="{base}/{pair["file"]}" width="448" height="224" loading="lazy" alt="a pair of crops">'
        f"<figcaption>{truth}. {said}.</figcaption></figure>"
    )
