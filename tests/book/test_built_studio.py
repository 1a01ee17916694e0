"""The studio and the game as the smoke book holds them: scores are those of `twinlib verify` on what is stored."""

import itertools
import json

import numpy as np
import pytest
from PIL import Image

from twinlib.verify.studio import guesses, stored
from twinlib.verify.studio.turned import FACTORS
from twinlib.verify.verifier import TwinVerifier

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _build(smoke_book, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(smoke_book))


def _verifiers(networks, align):
    return [TwinVerifier.from_pretrained(n["source"] if "-smoke-" in n["source"] else None, align=align, device="cpu")
            for n in networks]  # fmt: skip


def test_scores_of_the_studio_are_those_of_verify(smoke_book):
    studio = stored.ready("smoke")
    assert [n["words"] for n in studio["networks"]] == ["SFace", "plain ViT", "AHAN", "plain ViT, every token"]
    (family,) = studio["families"]
    folder = smoke_book / "html/_static/studio" / family
    every = list(itertools.product(range(3), repeat=5))
    for verifier, scores in zip(_verifiers(studio["networks"], "landmarks"), studio["scores"][family], strict=True):
        for at in (0, 100, 242):
            divergence, age, yaw, asymmetry, marks = every[at]
            a, b = (
                stored.tiles_of(np.asarray(Image.open(folder / name).convert("RGB")))[3 * asymmetry + marks]
                for name in (stored.strip_name("a", divergence), stored.strip_name("b", divergence, age, yaw))
            )
            assert verifier.verify(a, b, threshold=0.5)["score"] == pytest.approx(scores[at], abs=1e-3)
    assert list(studio["factors"]) == list(FACTORS)
    assert sum(file.stat().st_size for file in folder.glob("*")) < stored.LIMIT_BYTES


def test_scores_of_the_game_are_those_of_verify_on_crops(smoke_book):
    game = guesses.ready("smoke")
    assert len(game["pairs"]) == guesses.FEW
    assert guesses.PAIRS >= 60  # of the real game; smoke draws fewer
    for i, verifier in enumerate(_verifiers(game["networks"], "none")):
        for pair in game["pairs"][:3]:
            both = np.asarray(Image.open(smoke_book / "html/_static/guess" / pair["file"]).convert("RGB"))
            score = verifier.verify(both[:, :112], both[:, 112:], threshold=0.5)["score"]
            assert score == pytest.approx(pair["scores"][i], abs=1e-3)


@pytest.mark.browser
@pytest.mark.parametrize(("name", "least"), [("twin_studio", 2), ("guess_first", 1)])
def test_the_pages_load_little_and_only_what_is_seen(visit, smoke_book, name, least):
    asked = []
    seen = visit(name)
    seen.page.on("request", lambda request: asked.append(request.url))
    seen.page.reload()
    pictures = [url for url in asked if url.endswith(".webp")]
    assert least <= len(pictures) <= 2
    assert len((smoke_book / f"html/{name}.html").read_bytes()) < 250_000
    assert seen.page.locator(".al").count() == 1
    assert json.loads(seen.page.locator("[data-al=data]").text_content())
