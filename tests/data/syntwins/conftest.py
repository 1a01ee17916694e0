from dataclasses import replace

import pytest

from twinlib.data.syntwins import Families, Knobs, SetConfig, synthesise

NOTHING = Knobs(divergence=0.0, asymmetry_cm=0.0, marks=0.0, own_texture=False)


@pytest.fixture(scope="session")
def tiny() -> SetConfig:
    """Four families of the three relations, sixteen images of 64 px."""
    return SetConfig(
        name="tiny",
        train=Families(mz=1, dz=1, sibling=0, images=2),
        validation=Families(mz=0, dz=0, sibling=1, images=2),
        test=Families(mz=1, dz=0, sibling=0, images=2),
        size=64,
        seed=5,
    )


@pytest.fixture(scope="session")
def tiny_folder(tiny, tmp_path_factory):
    """The tiny set, rendered once in this process."""
    return synthesise(tiny, tmp_path_factory.mktemp("sets") / "tiny", workers=1)


@pytest.fixture
def same_twins(tiny):
    """The tiny set with every cause of difference between twins switched off."""
    return replace(tiny, knobs=NOTHING)
