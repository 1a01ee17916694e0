import numpy as np
import pytest
from audit_cases import asked, oracle, random_embeddings

from twinlib.audit import enrolled


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("sets"), 10, 10).images


def main(images):
    return images[images["set"] == "audit"]


def twins_are_one(images):
    """An axis for each family, which twins share; siblings and single people have their own."""
    shared = images["relation"] == "mz"
    names = images["set"] + images["subject"].where(~shared, images["family"])
    codes = names.map({name: i for i, name in enumerate(names.unique())}).to_numpy()
    e = np.eye(codes.max() + 1, dtype=np.float32)[codes] + 0.01 * oracle(images)[:, : codes.max() + 1]
    return (e / np.linalg.norm(e, axis=1, keepdims=True)).astype(np.float32)


def test_a_gallery_holds_everybody_once_and_searches_the_last_two_images(images):
    found = enrolled.gallery(main(images), oracle(main(images)), 2)
    assert found.scores.shape == (2 * len(found.family), len(found.family))
    np.testing.assert_allclose(found.scores, np.repeat(np.eye(len(found.family)), 2, axis=0))
    e = random_embeddings(len(main(images)))
    one = enrolled.gallery(main(images), e, 1)
    assert one.scores[3, 5] == pytest.approx(e[4 + 3] @ e[20], abs=1e-6)
    both = e[20] + e[21]
    two = enrolled.gallery(main(images), e, 2)
    assert two.scores[3, 5] == pytest.approx(e[7] @ both / np.linalg.norm(both), abs=1e-6)


def test_an_oracle_confuses_nobody(images):
    for row in enrolled.searched(images, oracle(images), 20):
        assert row["rank1_twin"]["value"] == row["rank1_other"]["value"] == 0
        assert row["rank1_wrong_without_relative"]["value"] == 0


def test_who_cannot_tell_twins_finds_the_twin(images, monkeypatch):
    monkeypatch.setattr(enrolled, "FPIR", 0.05)  # of 280 searches, 14
    [one, _] = enrolled.searched(images, twins_are_one(images), 20)
    assert one["fpir_twin_enrolled"]["value"] == 1.0
    assert one["missed"]["value"] == 0.0
    assert one["rank1_other"]["value"] == 0.0
    assert one["fpir_twin_enrolled"]["families"] == 40


def test_chance_is_one_of_those_enrolled(images):
    [one, _] = enrolled.searched(images, random_embeddings(len(images), 16), 20)
    count = one["enrolled"]
    assert one["rank1_other"]["value"] == pytest.approx(1 - 2 / count, abs=0.05)
    assert one["rank1_wrong_without_relative"]["value"] == pytest.approx(1 - 1 / count, abs=0.15)
    assert "fpir_twin_enrolled" not in one  # 280 searches give two at 1 %: too few
