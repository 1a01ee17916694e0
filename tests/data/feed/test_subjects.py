import numpy as np
import pytest
from train_fixtures import colours

from twinlib.data.feed.subjects import Subjects
from twinlib.errors import InputError

DATA = colours(families=6, images=4, singles=3)


def test_who_is_drawn_beside_whom():
    who, rng = Subjects(DATA, relatives=True), np.random.default_rng(0)
    for subject in who.anchors:
        a, b = who.two_images(rng, subject)
        assert a != b
        assert (DATA.subject[[a, b, who.image(rng, subject)]] == subject).all()
        relative, stranger = who.relative(rng, subject), who.stranger(rng, subject)
        assert relative != subject
        assert who.family[relative] == who.family[subject] != who.family[stranger]


def test_refusals():
    with pytest.raises(InputError, match="two images that has a relative"):
        Subjects(colours(families=0, images=4, singles=3), relatives=True)
    with pytest.raises(InputError, match="no training subject with two images"):
        Subjects(colours(images=1), relatives=False)
    with pytest.raises(InputError, match="one family only"):
        Subjects(colours(families=1), relatives=True).stranger(np.random.default_rng(0), 0)
