from dataclasses import replace

import numpy as np
import pytest

from syntwins import Families, Knobs, SetConfig, synthesise

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


@pytest.fixture
def shot():
    """Draws one occluder over the mean face without hair: picture (120 px), opacity, landmarks.

    The face is seen from far away by a camera that the test knows; the picture is grey unless another one is given.
    """
    from syntwins.cover.occlude import occlude
    from syntwins.mesh.camera import rotation, turn
    from syntwins.mesh.head import head

    def draw(picture=None, *, kind, yaw=0.0, hidden=False, seed=0, size=120, light=(1.0, 0.0, 0.0, 0.0), uneven=0.0):
        matrix = rotation(yaw, 0.0, 0.0)

        def see(points):
            turned = turn(points, matrix) @ [[6.0, 0], [0, -6.0], [0, 0]]
            return turned + np.array([size / 2, size / 2 - 15]), np.full(len(points), not hidden)

        if picture is None:
            picture = np.full((size, size, 3), 0.5, np.float32)
        face = head().mean[:468].copy()
        face[:, 1] += uneven * np.tanh(face[:, 0])  # cm by which one side lies higher than the middle
        landmarks = see(face)[0].astype(np.float32)
        drawn = occlude(picture, kind, 0.3, landmarks, face, np.array(light), see, np.random.default_rng(seed))
        return *drawn, landmarks

    return draw
