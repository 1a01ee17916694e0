import json
import re

import numpy as np

from twinlib.faces.align import frontness
from twinlib.figures.alive import split_page

CROPS = [np.full((112, 112, 3), 30 * i, np.uint8) for i in range(5)]
COLUMNS = np.array([[38, 73, 55.5 + 2 * (i - 2)] for i in range(5)], float)


def test_it_opens_in_front_and_splits_above_the_limit():
    text = split_page.fragment(CROPS, COLUMNS, [-30, -15, 0, 15, 30], 0.2)
    data = json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["start"] == 2
    rho = frontness(*COLUMNS.T)
    for step, value, nose in zip(data["steps"], rho, COLUMNS[:, 2], strict=True):
        assert f"{value:.2f}" in step["told"]
        assert ("may be split" in step["told"]) == (value > 0.2)
        assert step["nose"] == round(100 * nose / 112, 2)
    assert data["steps"][2]["told"] in text.split("<script")[0]
