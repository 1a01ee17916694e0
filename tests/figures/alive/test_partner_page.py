import json
import re

import numpy as np

from twinlib.figures.alive import partner_page

FACE = np.full((16, 16, 3), 90, np.uint8)


def test_shares_are_printed_and_none_is_left_after_training():
    own, other = np.full((4, 4), 0.75 / 16), np.full((4, 4), 0.25 / 16)
    reads = {"its twin": [(own, other)] * 2, "random": [(own, own)] * 2, "": [(own, own)] * 2}
    text = partner_page.fragment(FACE, {"its twin": FACE, "random": FACE}, reads, [2, 3])
    data = json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1])
    assert (
        data["maps"]["its twin"]["3"][2]
        == "Block 3: 25.0% of what this face reads, it reads in its partner (its twin)."
    )
    assert data["maps"][""]["2"][2] == partner_page.AFTER
    assert data["maps"]["its twin"]["2"][2] in text.split("<script")[0]
    assert set(data["faces"]) == {"its twin", "random"}
