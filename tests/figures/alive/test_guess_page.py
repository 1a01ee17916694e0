import json
import re

from plaything_factory import make_game

from twinlib.figures.alive import guess_page


def test_the_page_carries_the_game_and_shows_some_pairs_without_script(tmp_path):
    game = make_game(tmp_path / "guess")
    text = guess_page.fragment(game, "guess")
    data = json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["pairs"] == game["pairs"]
    assert len(data["pairs"]) >= 60
    assert data["intervals"][-1][7] == [0.348, 0.933]  # Clopper and Pearson's
    plain = re.search(r"<noscript>(.*?)</noscript>", text, re.DOTALL)[1]
    assert plain.count("<figure>") == guess_page.SHOWN
    assert "two people, identical twins. SFace: two, AHAN: one" in plain
    assert len(text.encode()) < 60_000  # the pictures come one by one
